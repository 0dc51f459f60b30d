/** Schema 2 on PostgreSQL: what has to happen in one round trip, as functions: append a group of writes, claim, claim one. */
import type { PostgresMigration } from './migration.ts'

/**
 * `append_group` writes what several writers asked for at the same moment, each wholly or not at all:
 * 1. the group's number must be the next of its writer, which makes it known afterwards whether a group was committed;
 * 2. the streams are locked in the order of their names, and everything is checked before anything is written;
 * 3. the single row of `log` hands out the positions and stays locked until the commit, so that positions become
 *    visible in their order and none is ever missing behind a visible one.
 */
const appendGroup = (s: string) => `
  CREATE FUNCTION ${s}.append_group(
    in_writer text, in_number bigint, in_channel text, in_look_only integer[],
    in_l_append integer[], in_l_stream text[], in_l_owner text[], in_l_epoch bigint[],
    in_s_append integer[], in_s_stream text[], in_s_version bigint[], in_s_hash text[],
    in_s_to_version bigint[], in_s_to_hash text[], in_s_moves boolean[], in_s_due double precision[],
    in_e_append integer[], in_e_stream text[], in_e_version bigint[], in_e_previous text[], in_e_hash text[], in_e_body text[],
    in_b_append integer[], in_b_release text[], in_b_step text[], in_b_stage integer[], in_b_upto double precision[], in_b_line text[],
    in_v_append integer[], in_v_sha256 text[], in_v_bytes bytea[],
    in_m_append integer[], in_m_id text[], in_m_service text[], in_m_open boolean[], in_m_started double precision[], in_m_body text[]
  ) RETURNS json LANGUAGE plpgsql AS $$
  DECLARE
    stale integer[];
    refused integer[];
    versions json;
    added bigint;
    head bigint;
    result json;
  BEGIN
    PERFORM 1 FROM ${s}.writers w WHERE w.id = in_writer AND w.last = in_number - 1 FOR NO KEY UPDATE;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'group % is not the next of its writer', in_number USING ERRCODE = 'HP001';
    END IF;

    INSERT INTO ${s}.streams (stream)
      SELECT DISTINCT i.stream FROM unnest(in_s_stream, in_s_version) AS i(stream, version)
      WHERE i.version = 0 AND NOT EXISTS (SELECT 1 FROM ${s}.streams t WHERE t.stream = i.stream)
      ORDER BY 1 ON CONFLICT DO NOTHING;
    PERFORM 1 FROM ${s}.streams t WHERE t.stream = ANY (in_s_stream || in_l_stream) ORDER BY t.stream FOR NO KEY UPDATE;

    stale := ARRAY(
      SELECT i.append FROM unnest(in_l_append, in_l_stream, in_l_owner, in_l_epoch) AS i(append, stream, owner, epoch)
      LEFT JOIN ${s}.streams t ON t.stream = i.stream
      WHERE t.owner IS DISTINCT FROM i.owner OR t.epoch IS DISTINCT FROM i.epoch);
    refused := in_look_only || stale || ARRAY(
      SELECT i.append FROM unnest(in_s_append, in_s_stream, in_s_version, in_s_hash) AS i(append, stream, version, hash)
      LEFT JOIN ${s}.streams t ON t.stream = i.stream
      WHERE t.version IS DISTINCT FROM i.version OR t.hash IS DISTINCT FROM i.hash);
    IF refused <> '{}' THEN
      versions := (
        SELECT json_agg(json_build_object('append', i.append, 'version', coalesce(t.version, 0)) ORDER BY i.place)
        FROM unnest(in_s_append, in_s_stream) WITH ORDINALITY AS i(append, stream, place)
        LEFT JOIN ${s}.streams t ON t.stream = i.stream
        WHERE i.append = ANY (refused));
    END IF;

    added := (SELECT count(*) FROM unnest(in_e_append) AS i(append) WHERE i.append <> ALL (refused));
    UPDATE ${s}.log l SET last = l.last + added RETURNING l.last INTO head;
    IF added > 0 THEN
      INSERT INTO ${s}.events (position, stream, version, previous_hash, hash, body)
        SELECT head - added + row_number() OVER (ORDER BY i.place), i.stream, i.version, i.previous, i.hash, i.body
        FROM unnest(in_e_append, in_e_stream, in_e_version, in_e_previous, in_e_hash, in_e_body)
          WITH ORDINALITY AS i(append, stream, version, previous, hash, body, place)
        WHERE i.append <> ALL (refused);
    END IF;
    UPDATE ${s}.streams t SET version = i.version, hash = i.hash, due = CASE WHEN i.moves THEN i.due ELSE t.due END
      FROM unnest(in_s_append, in_s_stream, in_s_to_version, in_s_to_hash, in_s_moves, in_s_due)
        AS i(append, stream, version, hash, moves, due)
      WHERE t.stream = i.stream AND i.append <> ALL (refused);
    IF in_b_append <> '{}' THEN
      INSERT INTO ${s}.batches (release, step, stage, upto, line)
        SELECT i.release, i.step, i.stage, i.upto, i.line
        FROM unnest(in_b_append, in_b_release, in_b_step, in_b_stage, in_b_upto, in_b_line)
          WITH ORDINALITY AS i(append, release, step, stage, upto, line, place)
        WHERE i.append <> ALL (refused) ORDER BY i.place ON CONFLICT DO NOTHING;
    END IF;
    IF in_v_append <> '{}' THEN
      INSERT INTO ${s}.evidence (sha256, bytes)
        SELECT i.sha256, i.bytes FROM unnest(in_v_append, in_v_sha256, in_v_bytes) AS i(append, sha256, bytes)
        WHERE i.append <> ALL (refused) ORDER BY i.sha256 ON CONFLICT DO NOTHING;
    END IF;
    IF in_m_append <> '{}' THEN
      INSERT INTO ${s}.summaries AS t (id, service, open, started, body)
        SELECT DISTINCT ON (i.id) i.id, i.service, i.open, i.started, i.body
        FROM unnest(in_m_append, in_m_id, in_m_service, in_m_open, in_m_started, in_m_body)
          WITH ORDINALITY AS i(append, id, service, open, started, body, place)
        WHERE i.append <> ALL (refused) ORDER BY i.id, i.place DESC
        ON CONFLICT (id) DO UPDATE
          SET service = excluded.service, open = excluded.open, started = excluded.started, body = excluded.body;
    END IF;

    result := json_build_object('head', head, 'stale', stale, 'refused', refused, 'found', coalesce(versions, '[]'::json));
    UPDATE ${s}.writers w SET last = in_number, outcome = result, seen = now() WHERE w.id = in_writer;
    IF added > 0 THEN PERFORM pg_notify(in_channel, head::text); END IF;
    RETURN result;
  END $$;
`

/**
 * Leases run by the clock of the database, so that a replica whose clock is wrong neither steals nor hoards them;
 * `in_lease_time` replaces it only where one clock is simulated. A lease row is never removed: the epoch is drawn while
 * the row is locked, so epochs of a stream only ever grow.
 */
const claim = (s: string) => `
  CREATE FUNCTION ${s}.lease_time(given double precision) RETURNS double precision LANGUAGE sql VOLATILE AS
    $$ SELECT coalesce(given, extract(epoch FROM clock_timestamp())::double precision * 1000) $$;

  CREATE FUNCTION ${s}.claim(
    in_owner text, in_now double precision, in_lease_time double precision, in_lease_ms double precision, in_limit integer
  ) RETURNS TABLE (stream text, epoch bigint) LANGUAGE plpgsql AS $$
  #variable_conflict use_column
  DECLARE
    at double precision := ${s}.lease_time(in_lease_time);
    free text;
  BEGIN
    FOR free IN
      SELECT t.stream FROM ${s}.streams t
      WHERE t.due <= in_now AND (t.owner IS NULL OR t.expires <= at)
      ORDER BY t.due, t.stream LIMIT in_limit FOR NO KEY UPDATE SKIP LOCKED
    LOOP
      RETURN QUERY
        UPDATE ${s}.streams t SET owner = in_owner, epoch = nextval('${s}.epochs'), expires = at + in_lease_ms
        WHERE t.stream = free RETURNING t.stream, t.epoch;
    END LOOP;
  END $$;

  CREATE FUNCTION ${s}.claim_stream(
    in_stream text, in_owner text, in_lease_time double precision, in_lease_ms double precision
  ) RETURNS bigint LANGUAGE plpgsql AS $$
  DECLARE
    at double precision;
    given bigint;
  BEGIN
    INSERT INTO ${s}.streams (stream)
      SELECT in_stream WHERE NOT EXISTS (SELECT 1 FROM ${s}.streams t WHERE t.stream = in_stream) ON CONFLICT DO NOTHING;
    PERFORM 1 FROM ${s}.streams t WHERE t.stream = in_stream FOR NO KEY UPDATE;
    at := ${s}.lease_time(in_lease_time);
    UPDATE ${s}.streams t SET
        expires = CASE WHEN t.owner = in_owner THEN greatest(t.expires, at + in_lease_ms) ELSE at + in_lease_ms END,
        epoch = CASE WHEN t.owner = in_owner THEN t.epoch ELSE nextval('${s}.epochs') END,
        owner = in_owner
      WHERE t.stream = in_stream AND (t.owner IS NULL OR t.owner = in_owner OR t.expires <= at)
      RETURNING t.epoch INTO given;
    RETURN given;
  END $$;

  CREATE FUNCTION ${s}.renew(
    in_streams text[], in_owners text[], in_epochs bigint[], in_lease_time double precision, in_lease_ms double precision
  ) RETURNS TABLE (place bigint) LANGUAGE plpgsql AS $$
  DECLARE
    at double precision;
  BEGIN
    PERFORM 1 FROM ${s}.streams t WHERE t.stream = ANY (in_streams) ORDER BY t.stream FOR NO KEY UPDATE;
    at := ${s}.lease_time(in_lease_time);
    UPDATE ${s}.streams t SET expires = at + in_lease_ms
      FROM unnest(in_streams, in_owners, in_epochs) AS i(stream, owner, epoch)
      WHERE t.stream = i.stream AND t.owner = i.owner AND t.epoch = i.epoch;
    RETURN QUERY
      SELECT i.place FROM unnest(in_streams, in_owners, in_epochs) WITH ORDINALITY AS i(stream, owner, epoch, place)
      JOIN ${s}.streams t ON t.stream = i.stream AND t.owner = i.owner AND t.epoch = i.epoch
      ORDER BY i.place;
  END $$;
`

export const functions: PostgresMigration = {
  number: 2,
  up: (s) => appendGroup(s) + claim(s),
  down: (s) => `
    DROP FUNCTION ${s}.renew;
    DROP FUNCTION ${s}.claim_stream;
    DROP FUNCTION ${s}.claim;
    DROP FUNCTION ${s}.lease_time;
    DROP FUNCTION ${s}.append_group;
  `,
}
