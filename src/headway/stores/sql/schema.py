"""The newest schema as SQLite's own words: what a fresh file is made with, so that no migration tool is loaded for it.

Written by ``tables.compiled()``; tests hold this text, the tables and the migrations to one another.
"""

from typing import Final

#: The newest migration that this program knows.
REVISION: Final = "0001"

DDL: Final = (
    "CREATE TABLE job ( number INTEGER NOT NULL, id BLOB NOT NULL, seq INTEGER NOT NULL, rev INTEGER NOT NULL, kind TEXT NOT NULL, protocol TEXT NOT NULL, owner TEXT NOT NULL, project TEXT, parent BLOB, position INTEGER, name TEXT NOT NULL, state INTEGER NOT NULL, reason TEXT, status_text TEXT NOT NULL, labels TEXT, cluster TEXT, attempt INTEGER NOT NULL, created INTEGER NOT NULL, queued INTEGER, started INTEGER, ended INTEGER, updated INTEGER NOT NULL, hidden INTEGER, spec INTEGER, body TEXT NOT NULL, PRIMARY KEY (number) ) STRICT",
    "CREATE INDEX job_ended ON job (ended, number) WHERE ended IS NOT NULL",
    "CREATE UNIQUE INDEX job_id ON job (id)",
    "CREATE INDEX job_name ON job (name, number) WHERE name <> ''",
    "CREATE INDEX job_parent ON job (parent, number) WHERE parent IS NOT NULL",
    "CREATE INDEX job_parent_state ON job (parent, state) WHERE parent IS NOT NULL",
    "CREATE INDEX job_reporting ON job (number) WHERE kind = 'report' AND state < 3",
    "CREATE INDEX job_root_owner ON job (owner, state, number, created) WHERE parent IS NULL",
    "CREATE INDEX job_root_state ON job (state, number, created) WHERE parent IS NULL",
    "CREATE INDEX job_seq ON job (seq)",
    "CREATE INDEX job_spec ON job (spec) WHERE spec IS NOT NULL",
    "CREATE INDEX job_unfinished ON job (cluster, number, state) WHERE state < 3",
    "CREATE TABLE label ( label TEXT NOT NULL, child INTEGER NOT NULL, state INTEGER NOT NULL, job INTEGER NOT NULL, PRIMARY KEY (label, child, state, job) ) WITHOUT ROWID, STRICT",
    "CREATE TABLE spec ( id INTEGER NOT NULL, hash INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (id) ) STRICT",
    "CREATE INDEX spec_hash ON spec (hash)",
    "CREATE TABLE attempt ( job INTEGER NOT NULL, no INTEGER NOT NULL, cluster TEXT NOT NULL, native_id TEXT, native_state TEXT NOT NULL, host TEXT NOT NULL, sent INTEGER, started INTEGER, ended INTEGER, exit_code INTEGER, signal INTEGER, body TEXT NOT NULL, PRIMARY KEY (job, no) ) WITHOUT ROWID, STRICT",
    'CREATE TABLE worker ( job INTEGER NOT NULL, id TEXT NOT NULL, seq INTEGER NOT NULL, current REAL NOT NULL, total REAL, ok INTEGER NOT NULL, "desc" TEXT NOT NULL, first_seen INTEGER NOT NULL, first_current REAL NOT NULL, updated INTEGER NOT NULL, interval_s REAL, PRIMARY KEY (job, id) ) WITHOUT ROWID, STRICT',
    "CREATE INDEX worker_seq ON worker (seq)",
    'CREATE TABLE counter ( job INTEGER NOT NULL, position INTEGER NOT NULL, "key" TEXT NOT NULL, value TEXT NOT NULL, colour TEXT, updated INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (job, position) ) WITHOUT ROWID, STRICT',
    "CREATE TABLE counted ( job INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (job) ) STRICT",
    "CREATE INDEX counted_seq ON counted (seq)",
    'CREATE TABLE alias ( namespace TEXT NOT NULL, "key" TEXT NOT NULL, generation INTEGER NOT NULL, job INTEGER NOT NULL, shown TEXT NOT NULL, PRIMARY KEY (namespace, "key", generation) ) WITHOUT ROWID, STRICT',
    "CREATE INDEX alias_job ON alias (job)",
    'CREATE TABLE request_key ( caller TEXT NOT NULL, "key" TEXT NOT NULL, digest BLOB NOT NULL, job INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (caller, "key") ) WITHOUT ROWID, STRICT',
    "CREATE INDEX request_key_at ON request_key (at)",
    "CREATE INDEX request_key_job ON request_key (job)",
    "CREATE TABLE event ( seq INTEGER NOT NULL, job INTEGER, time INTEGER NOT NULL, type TEXT NOT NULL, actor TEXT NOT NULL, protocol TEXT NOT NULL, data TEXT NOT NULL, group_owner TEXT, group_id TEXT, PRIMARY KEY (seq) ) STRICT",
    "CREATE INDEX event_job ON event (job, seq) WHERE job IS NOT NULL",
    "CREATE TABLE delivery ( seq INTEGER NOT NULL, place INTEGER NOT NULL, job INTEGER NOT NULL, origin TEXT NOT NULL, state TEXT NOT NULL, time INTEGER NOT NULL, due INTEGER NOT NULL, word TEXT NOT NULL, rev INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (seq, place) ) STRICT",
    "CREATE INDEX delivery_dead ON delivery (seq, place) WHERE state = 'dead'",
    "CREATE INDEX delivery_job ON delivery (job, seq, place)",
    "CREATE INDEX delivery_waiting ON delivery (job, place, seq, due, origin) WHERE state = 'waiting'",
    "CREATE TABLE token ( id TEXT NOT NULL, owner TEXT NOT NULL, note TEXT NOT NULL, scopes TEXT NOT NULL, secret_hash BLOB NOT NULL, created INTEGER NOT NULL, expires INTEGER, revoked INTEGER, PRIMARY KEY (id) ) STRICT",
    "CREATE UNIQUE INDEX token_secret_hash ON token (secret_hash)",
    "CREATE TABLE saved_filter ( owner TEXT NOT NULL, name TEXT NOT NULL, q TEXT NOT NULL, created INTEGER NOT NULL, PRIMARY KEY (owner, name) ) WITHOUT ROWID, STRICT",
    "CREATE TABLE result ( job INTEGER NOT NULL, media_type TEXT NOT NULL, type TEXT NOT NULL, data BLOB NOT NULL, PRIMARY KEY (job) ) STRICT",
    "CREATE TABLE job_group ( number INTEGER NOT NULL, owner TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, url TEXT, created INTEGER NOT NULL, root INTEGER NOT NULL, loose INTEGER, rev INTEGER NOT NULL, relinked INTEGER NOT NULL, PRIMARY KEY (number) ) STRICT",
    "CREATE UNIQUE INDEX job_group_id ON job_group (owner, id)",
    "CREATE INDEX job_group_loose ON job_group (loose) WHERE loose IS NOT NULL",
    "CREATE INDEX job_group_made ON job_group (owner, created, id)",
    "CREATE INDEX job_group_name ON job_group (owner, name)",
    "CREATE UNIQUE INDEX job_group_root ON job_group (owner, name) WHERE root = 1",
    "CREATE TABLE member ( holder INTEGER NOT NULL, position INTEGER NOT NULL, job INTEGER, child INTEGER, added INTEGER NOT NULL, PRIMARY KEY (holder, position) ) WITHOUT ROWID, STRICT",
    "CREATE UNIQUE INDEX member_child ON member (holder, child) WHERE child IS NOT NULL",
    "CREATE INDEX member_holder ON member (child, holder) WHERE child IS NOT NULL",
    "CREATE UNIQUE INDEX member_job ON member (job, holder) WHERE job IS NOT NULL",
    "CREATE TABLE ledger ( id INTEGER NOT NULL, seq INTEGER NOT NULL, number INTEGER NOT NULL, floor INTEGER NOT NULL, accepted INTEGER NOT NULL, queued INTEGER NOT NULL, running INTEGER NOT NULL, succeeded INTEGER NOT NULL, failed INTEGER NOT NULL, cancelled INTEGER NOT NULL, PRIMARY KEY (id) ) STRICT",
)
