-- What the jobs work on. `cents + x` is no idempotent effect, so one that is done twice shows.
CREATE TABLE accounts (id BIGINT PRIMARY KEY, cents BIGINT NOT NULL);

-- The jobs whose effect is there. A worker that finds its job in here leaves it.
CREATE TABLE done (job BIGINT PRIMARY KEY);

-- The effects one by one. It has no key on purpose: one that is doubled is to be seen in here.
CREATE TABLE effects (job BIGINT NOT NULL, worker TEXT NOT NULL, delivery BIGINT NOT NULL);

INSERT INTO accounts SELECT id, 0 FROM generate_series(0, 999) AS id;
