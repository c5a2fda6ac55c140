// The first lines that somebody types into a shell, with the real address in them. Pure.
import type { Key } from "../../text/strings";

export interface Line {
  what: Key;
  text: string;
}

const FOR = 'for _ in';

/** Gives six ways to make a job on the server at `url`; with a token where one is needed. */
export function firstLines(url: string, needsToken: boolean): readonly Line[] {
  const curl = needsToken ? 'curl -H "Authorization: Bearer $HEADWAY_TOKEN"' : "curl";
  const loop = (name: string, how: string): string =>
    `python3 -c 'import time; from headway import ${name}; [time.sleep(0.1) ${FOR} ${name}(range(100), job="${how}", url="${url}")]'`;
  return [
    { what: "empty.progress", text: `${curl} "${url}/progress/update?jobid=my-job&workid=1&current=5&total=22"` },
    { what: "empty.post", text: `${curl} -H 'Content-Type: application/json' -d '{"command": ["sleep", "10"]}' ${url}/api/v1/jobs` },
    { what: "empty.submit", text: `headway submit --url ${url} --follow -- sh -c 'for i in 1 2 3; do echo $i; sleep 1; done'` },
    { what: "empty.run", text: `headway run --url ${url} -- sleep 10` },
    { what: "empty.tqdm", text: loop("tqdm", "my-bar") },
    { what: "empty.python", text: loop("progress", "my-loop") },
  ];
}
