"""Other systems at the same work, each as its own guide sets it up, with two workers: `make bench-peers`.

Every program here runs in an environment of its own (``requirements.lock``), prints JSON, and knows nothing of Headway.
"""
