// Which variables' values are not for everybody's eyes. Pure.

const SECRET = /TOKEN|SECRET|KEY|PASS(WORD|WD|PHRASE)?|CREDENTIAL|PRIVATE|AUTH|COOKIE/i;

/** What is shown in a secret's place. */
export const MASK = "••••••••";

/** Tells whether a variable's name says that its value is secret. */
export function isSecret(name: string): boolean {
  return SECRET.test(name);
}
