"""moi's keys and channels in a Redis, for programs that listen and speak there. Only where a setting says so."""
