"""Queries, for tests: what callers ask, what intruders try, and what chance makes up."""

import re

from hypothesis import strategies as st

RAW = "key_verifications_v1"
HOURS = "key_verifications_per_hour_v1"
TABLES = (
    RAW,
    "key_verifications_per_minute_v1",
    HOURS,
    "key_verifications_per_day_v1",
    "key_verifications_per_month_v1",
)

# Each is taken, and answered by ClickHouse. A line that is indented goes on from the one before.
_TAKEN = r"""
SELECT COUNT(*) as total FROM RAW WHERE outcome = 'VALID' AND time >= now() - INTERVAL 7 DAY
select key_id, outcome, count() cnt from RAW group by key_id, outcome order by cnt desc;
SELECT count(DISTINCT key_id), uniq(external_id), sum(spent_credits) FROM RAW -- all
SELECT countIf(outcome = 'VALID') / count() AS share FROM RAW /* of all */
SELECT SUM(if(outcome = 'VALID', 1, 0)) AS valid FROM RAW WHERE key_id IN ('key_1', 'key_2')
SELECT toStartOfHour(fromUnixTimestamp64Milli(time)) AS hour, count() FROM RAW
  GROUP BY hour ORDER BY hour ASC NULLS LAST LIMIT 10 OFFSET 1
SELECT time, sum(count) AS n FROM HOURS WHERE time >= toStartOfDay(now() - INTERVAL '30' DAY)
  GROUP BY time HAVING n > 0 ORDER BY time
SELECT date_trunc('week', time) AS week, sum(spent_credits) FROM DAYS
  WHERE time BETWEEN toDate('2026-01-01') AND today() GROUP BY week
SELECT * FROM RAW WHERE time > toUnixTimestamp64Milli(now64() - INTERVAL 1 MONTH) LIMIT 5
SELECT arrayJoin(tags) AS tag, count() FROM RAW GROUP BY tag ORDER BY count() DESC
SELECT key_id FROM RAW
  WHERE has(tags, 'plan=free') OR arrayExists(t -> t LIKE 'path=%', tags)
SELECT t.key_id, `t`."time" FROM RAW AS t WHERE t.time % 2 = 0 AND NOT t.key_id ILIKE 'KEY_1'
SELECT n * 2 FROM (SELECT count() AS n FROM RAW) WHERE n BETWEEN 1 AND 1e6
WITH days AS (SELECT toDate(fromUnixTimestamp64Milli(time)) AS day, key_id FROM RAW),
  busy AS (SELECT day, uniqExact(key_id) AS keys FROM days GROUP BY day)
  SELECT `count()`, max(keys) FROM (SELECT keys, count() FROM busy GROUP BY keys)
  GROUP BY `count()`
SELECT key_id FROM RAW WHERE key_id IN (SELECT key_id FROM HOURS WHERE count > 1)
  AND (key_id, outcome) NOT IN (('key_0', 'VALID'))
SELECT CASE outcome WHEN 'VALID' THEN 'good' ELSE 'bad' END AS what,
  CASE WHEN spent_credits > 0 THEN 1 END AS paid FROM RAW
SELECT CASE (CASE outcome WHEN 'VALID' THEN 1 ELSE 0 END) WHEN 1 THEN 'good' ELSE 'bad' END AS what,
  (spent_credits BETWEEN 0 AND 1) BETWEEN 0 AND 1 AS few FROM RAW
SELECT external_id, key_id FROM RAW ORDER BY time LIMIT 1 BY external_id LIMIT 0, 3
SELECT quantile(0.95)(spent_credits), avg(spent_credits), max(time) FROM RAW
  WHERE spent_credits > (SELECT min(spent_credits) FROM RAW)
SELECT DISTINCT trim(concat(' ', key_id)) || '!' AS k, tags[1], length(tags), -1 - -2 AS three
  FROM RAW WHERE external_id IS NOT NULL AND external_id != ''
SELECT 'it''s', '\'\\\n%', 1.5, NULL, [1, 2], (1, 'a') FROM RAW LIMIT 1
SELECT workspace_id AS workspace_id FROM RAW WHERE workspace_id = 'ws_2'
SELECT dateDiff('day', min(time), max(time)), toStartOfWeek(max(time)) AS w FROM HOURS
SELECT multiIf(count > 1, 'many', 'one') AS n, coalesce(nullIf(key_id, ''), '-') FROM HOURS
SELECT key_id, count() AS n FROM RAW GROUP BY key_id UNION ALL SELECT 'all', count() FROM RAW
(SELECT key_id FROM RAW ORDER BY time LIMIT 1) UNION ALL (SELECT key_id FROM RAW LIMIT 2)
SELECT outcome FROM RAW UNION SELECT outcome FROM HOURS UNION DISTINCT SELECT 'NONE' FROM DAYS
SELECT key_id, outcome FROM RAW EXCEPT SELECT key_id, outcome FROM HOURS WHERE count > 1
SELECT n FROM (SELECT count() AS n FROM RAW UNION ALL SELECT sum(count) FROM HOURS) ORDER BY n
SELECT 1 FROM RAW WHERE key_id IN (SELECT key_id FROM RAW UNION ALL SELECT key_id FROM HOURS)
WITH both AS (SELECT time FROM RAW UNION ALL SELECT time FROM RAW WHERE time > 5)
  SELECT max(time) FROM both WHERE time >= now() - INTERVAL 100 YEAR
SELECT r.key_id, h.count FROM RAW r JOIN HOURS AS h ON r.key_id = h.key_id
  WHERE h.count > 0 ORDER BY r.time LIMIT 9
SELECT a.n, b.n, key_id FROM (SELECT key_id, count() AS n FROM RAW GROUP BY key_id) a
  LEFT JOIN (SELECT key_id, sum(count) AS n FROM HOURS GROUP BY key_id) AS b USING (key_id)
SELECT * FROM RAW a INNER JOIN RAW b ON b.request_id = a.request_id AND a.time = b.time
SELECT count() FROM RAW a JOIN HOURS h USING key_id, outcome
  LEFT OUTER JOIN DAYS d ON d.external_id = a.external_id AND d.key_id = h.key_id
SELECT 1 FROM (SELECT r.time, h.time FROM RAW r
  JOIN HOURS h ON toStartOfHour(fromUnixTimestamp64Milli(r.time)) = h.time) WHERE time > 5
"""
_SHORT = {"RAW": RAW, "HOURS": HOURS, "DAYS": TABLES[3]}
TAKEN = (
    *(f"SELECT * FROM {table}" for table in TABLES),
    *(
        re.sub(r"\b(RAW|HOURS|DAYS)\b", lambda found: _SHORT[found[0]], query)
        for query in re.split(r"\n(?=\S)", _TAKEN.strip())
    ),
)

# Each is refused, with these words among others.
HOSTILE = (
    ("", "the end begins the query"),
    ("DROP TABLE verifications_v1", "DROP begins the query"),
    ("INSERT INTO verifications_v1 SELECT 1", "INSERT begins the query"),
    ("SET readonly = 0", "SET begins the query"),
    ("SELECT 1", "FROM is expected"),
    ("SELECT * FROM verifications_v1", "no table verifications_v1"),
    ("SELECT * FROM `verifications_v1`", "no table verifications_v1"),
    ("SELECT * FROM default.verifications_v1", "the name of a database"),
    ("SELECT * FROM system.tables", "the name of a database"),
    ('SELECT * FROM "system"."tables"', "the name of a database"),
    ("SELECT * FROM `system.tables`", "no table system.tables"),
    ("SELECT * FROM url('http://10.0.0.1/', CSV, 'a String')", "table function url"),
    ("SELECT * FROM file('/etc/passwd', CSV, 'a String')", "table function file"),
    ("SELECT * FROM remote('127.0.0.1', default, verifications_v1)", "table function remote"),
    ("SELECT * FROM merge(default, '.*')", "table function merge"),
    ("SELECT * FROM numbers(10)", "table function numbers"),
    (f"SELECT 1 FROM {RAW} UNION ALL SELECT id FROM verifications_v1", "no table verif"),
    (f"(SELECT 1 FROM {RAW}) UNION ALL (SELECT 1 FROM system.one)", "the name of a database"),
    (f"SELECT 1 FROM {RAW} UNION SELECT id FROM {RAW}", "no column id"),
    (f"SELECT 1 FROM {RAW} UNION ALL SELECT 1", "FROM is expected"),
    (f"SELECT 1 FROM {RAW} UNION ALL", "SELECT is expected"),
    (f"SELECT 1 FROM {RAW} UNION ALL DROP TABLE verifications_v1", "SELECT is expected"),
    (f"SELECT 1 FROM {RAW} UNION ALL SELECT 1, 2 FROM {RAW}", "other numbers of columns"),
    (f"SELECT 1 FROM {RAW} EXCEPT SELECT id FROM verifications_v1", "no table verifications"),
    (f"SELECT 1 FROM {RAW} EXCEPT SELECT * FROM {RAW}", "other numbers of columns"),
    (f"SELECT 1 FROM {RAW} INTERSECT SELECT 1 FROM {RAW}", "INTERSECT is not taken"),
    (
        f"SELECT 1 FROM {RAW} UNION ALL SELECT 'ws_1' AS workspace_id FROM {RAW}",
        "workspace_id as a name of your own",
    ),
    (
        f"SELECT 1 FROM {RAW} WHERE 1 IN (SELECT 1 FROM {RAW} UNION ALL SELECT 1 FROM a)",
        "no table a",
    ),
    (f"SELECT 1 FROM {RAW}; SELECT 1 FROM {RAW}", "the end is expected"),
    (f"SELECT 1 FROM {RAW} -- '\n; DROP TABLE verifications_v1", "the end is expected"),
    (f"SELECT 1 FROM {RAW} /* */; /* */ DROP TABLE verifications_v1", "the end is expected"),
    (f"SELECT 1 FROM {RAW} /* never closed", "the end is expected"),
    (f"SELECT 1 FROM {RAW} WHERE key_id = 'never closed", "no word, number, text or sign"),
    (f"SELECT 1 FROM {RAW} a JOIN verifications_v1 b ON a.key_id = b.key_id", "no table verif"),
    (f"SELECT 1 FROM {RAW} a JOIN system.one b ON a.key_id = b.dummy", "name of a database"),
    (f"SELECT 1 FROM {RAW} a JOIN numbers(9) b ON a.time = b.number", "table function numbers"),
    (f"SELECT 1 FROM {RAW} a LEFT JOIN (SELECT 1 FROM b) c USING key_id", "no table b"),
    (f"SELECT 1 FROM {RAW} a JOIN {RAW} a ON a.key_id = a.key_id", "a name of its own"),
    (f"SELECT 1 FROM {RAW} JOIN (SELECT key_id FROM {RAW}) USING key_id", "a name of its own"),
    (f"SELECT 1 FROM (SELECT 1 FROM {RAW}) JOIN {RAW} USING key_id", "a name of its own"),
    (f"SELECT 1 FROM {RAW} a JOIN {RAW} b", "ON is expected"),
    (f"SELECT 1 FROM {RAW} a JOIN {RAW} b ON 1", "no a = b"),
    (f"SELECT 1 FROM {RAW} a JOIN {RAW} b ON a.time < b.time", "no a = b"),
    (f"SELECT 1 FROM {RAW} a JOIN {RAW} b ON a.time = 5", "without a column on either side"),
    (f"SELECT 1 FROM {RAW} a JOIN {RAW} b ON 1 = 1 OR a.time = b.time", "no a = b"),
    (f"SELECT 1 FROM {RAW} a JOIN {RAW} b ON a.key_id = a.outcome", "not of both tables"),
    (f"SELECT 1 FROM {RAW} a JOIN {RAW} b ON a.id = b.id", "not of both tables"),
    (f"SELECT 1 FROM {RAW} a JOIN {RAW} b ON max(a.time) = b.time", "without a column on"),
    (f"SELECT 1 FROM {RAW} a JOIN {RAW} b USING id", "no column id"),
    (f"SELECT key_id FROM {RAW} a JOIN {RAW} b ON a.time = b.time", "several tables have"),
    (f"SELECT b.id FROM {RAW} a JOIN {RAW} b USING time", "no column id"),
    (f"SELECT c.time FROM {RAW} a JOIN {RAW} b USING time", "c stands before a dot"),
    (f"SELECT a.time AS _1 FROM {RAW} a JOIN {RAW} b USING time", "_1 as a name of your own"),
    (f"SELECT a.time AS at FROM {RAW} a JOIN {RAW} b USING time", "at as a name of your own"),
    (f"SELECT 1 FROM {RAW} a RIGHT JOIN {RAW} b USING time", "RIGHT is not taken"),
    (f"SELECT 1 FROM {RAW} a CROSS JOIN {RAW} b", "CROSS is not taken"),
    (f"SELECT 1 FROM {RAW} a ALL LEFT JOIN {RAW} b USING time", "ALL is not taken"),
    # A name that is a lambda's argument in one reading of the condition is none in the other.
    (
        f"SELECT 1 FROM {RAW} a JOIN {RAW} b "
        "ON arrayCount(id -> id = b.outcome, b.tags) = a.time AND id = b.key_id",
        "not of both tables",
    ),
    (f"SELECT 1 FROM {RAW} GLOBAL ANY LEFT JOIN verifications_v1 USING id", "GLOBAL is not taken"),
    (f"SELECT 1 FROM {RAW}, verifications_v1", "a second table"),
    (f"SELECT 1 FROM {RAW} ARRAY JOIN tags", "ARRAY is not taken"),
    (f"SELECT 1 FROM {RAW} FINAL", "FINAL is not taken"),
    (f"SELECT 1 FROM {RAW} SAMPLE 0.1", "SAMPLE is not taken"),
    (f"SELECT 1 FROM {RAW} PREWHERE 1", "PREWHERE is not taken"),
    (f"SELECT 1 FROM {RAW} SETTINGS readonly = 0", "SETTINGS is not taken"),
    (f"SELECT 1 FROM {RAW} FORMAT Native", "FORMAT is not taken"),
    (f"SELECT 1 FROM {RAW} INTO OUTFILE '/tmp/a'", "INTO is not taken"),
    (f"SELECT 1 FROM {RAW} GROUP BY key_id WITH TOTALS", "the end is expected"),
    (f"SELECT sum(count) OVER (PARTITION BY key_id) FROM {HOURS}", "OVER is not taken"),
    (f"SELECT dictGet('d', 'a', toUInt64(1)) FROM {RAW}", "function dictGet"),
    (f"SELECT joinGet('j', 'a', 1) FROM {RAW}", "function joinGet"),
    (f"SELECT sleep(3) FROM {RAW}", "function sleep"),
    (f"SELECT hostName(), version() FROM {RAW}", "function hostName"),
    (f"SELECT hasColumnInTable('system', 'tables', 'name') FROM {RAW}", "hasColumnInTable"),
    (f"SELECT in(key_id, verifications_v1) FROM {RAW}", "an expression is expected there"),
    (f"SELECT `in`(key_id, verifications_v1) FROM {RAW}", "FROM is expected"),
    (f"SELECT 1 FROM {RAW} WHERE key_id IN verifications_v1", r"\( is expected"),
    (f"SELECT 1 FROM {RAW} WHERE key_id IN (verifications_v1)", "a column within IN"),
    # An alias of a table's name, which ClickHouse would take for the table.
    (f"SELECT 1 AS verifications_v1 FROM {RAW} WHERE 1 IN (verifications_v1)", "column within IN"),
    (f"SELECT 1 FROM {RAW} WHERE 1 IN (`system`.`one`)", "a column within IN"),
    (
        f"SELECT 1 FROM {RAW} WHERE 1 IN (SELECT id FROM verifications_v1)",
        "no table verifications_v1",
    ),
    (f"SELECT (SELECT max(id) FROM verifications_v1) FROM {RAW}", "no table verifications_v1"),
    ("SELECT * FROM (SELECT * FROM (SELECT * FROM system.users))", "the name of a database"),
    (
        "WITH a AS (WITH b AS (SELECT * FROM verifications_v1) SELECT * FROM b) SELECT * FROM a",
        "no table",
    ),
    (f"WITH a AS (SELECT 1 AS x FROM {RAW}) SELECT * FROM b", "no table b"),
    (f"WITH (SELECT id FROM verifications_v1) AS x SELECT x FROM {RAW}", "a name and AS"),
    (f"SELECT id FROM {RAW}", "no column id"),
    (f"SELECT verifications_v1.id FROM {RAW}", "verifications_v1 stands before a dot"),
    (f"SELECT a.b.c FROM {RAW} a", "FROM is expected"),
    (f"SELECT 1 AS `a`` FROM verifications_v1 -- ` FROM {RAW}", "other characters|is expected"),
    (f"SELECT 1 AS `x FROM verifications_v1` FROM {RAW}", "other characters"),
    (f"SELECT 1 AS `ä` FROM {RAW}", "other characters"),
    # Aliases that would make the filter true of all rows, were they known there.
    (f"SELECT 'ws_1' AS workspace_id FROM {RAW}", "workspace_id as a name of your own"),
    (f"SELECT 'a' `api_id`, (SELECT count() FROM {RAW}) FROM {RAW}", "api_id as a name"),
    (f"SELECT 0 AS at FROM {RAW} WHERE time > 5", "at as a name of your own"),
    (f"SELECT arrayMap(workspace_id -> 1, tags) FROM {RAW}", "workspace_id as a name"),
    (f"SELECT 1 FROM (SELECT 'ws_1' AS workspace_id FROM {RAW})", "workspace_id as a name"),
    (f"SELECT {{x:Identifier}} FROM {RAW}", "no word, number, text or sign"),
    (f"SELECT %(workspace)s FROM {RAW}", "an expression is expected"),
    (f"SELECT @@version FROM {RAW}", "no word, number, text or sign"),
    (f"SELECT x -> x FROM {RAW}", "a lambda that"),
    (f"SELECT count(*, *) FROM {RAW}", r"\* within"),
    (f"SELECT sum(DISTINCT count) FROM {HOURS}", "DISTINCT within sum"),
    (f"SELECT quantile('a')(count) FROM {HOURS}", "parameter that is no number"),
    (f"SELECT now64(1, 2, 3) FROM {RAW}", "now64 of 3 arguments"),
    (f"SELECT date_trunc('eon', time) FROM {HOURS}", "date_trunc of something else"),
    (f"SELECT INTERVAL 1 EON FROM {RAW}", "one of SECOND"),
    (f"SELECT 1 FROM {RAW} LIMIT 1 + 1", "the end is expected"),
    (f"SELECT 1 FROM {RAW} LIMIT -1", "a whole number is expected"),
    (f"SELECT 1 FROM {RAW} LIMIT 99999999999", "a whole number is expected"),
    (f"SELECT {'(' * 500}1{')' * 500} FROM {RAW}", "at most 40"),
    (f"SELECT {'-' * 2}1 FROM {RAW}", "is expected"),
    (f"SELECT {'- ' * 500}1 FROM {RAW}", "at most 40"),
    (f"SELECT {'NOT ' * 500}1 FROM {RAW}", "at most 40"),
    (f"SELECT {'length(' * 300}key_id{')' * 300} FROM {RAW}", "at most 40"),
    (f"{'SELECT * FROM (' * 300}SELECT 1 FROM {RAW}{')' * 300}", "at most 40"),
    # Each name is twice as long as the one before.
    (
        f"WITH a0 AS (SELECT 1 AS x FROM {RAW}), "
        + ", ".join(
            f"a{n + 1} AS (SELECT x FROM a{n} WHERE x IN (SELECT x FROM a{n}))" for n in range(12)
        )
        + " SELECT * FROM a12",
        "becomes so long",
    ),
    # What stands before BETWEEN is written twice, and what CASE compares for each WHEN.
    *(
        (place.format(before * 30 + "1" + behind * 30), "becomes so long")
        for before, behind in (
            ("(", " BETWEEN 0 AND 1)"),
            ("CASE ", " WHEN 0 THEN 1 WHEN 1 THEN 0 END"),
        )
        for place in (
            f"SELECT {{}} FROM {HOURS}",
            f"SELECT 1 FROM {HOURS} WHERE time > {{}}",
            f"SELECT 1 FROM {HOURS} GROUP BY {{}}",
            f"SELECT 1 FROM {HOURS} HAVING {{}}",
            f"SELECT 1 FROM {HOURS} ORDER BY {{}}",
            f"SELECT 1 FROM {HOURS} LIMIT 1 BY {{}}",
            f"SELECT (SELECT {{}} FROM {HOURS}) FROM {HOURS}",
        )
    ),
    (" UNION ALL ".join([f"SELECT * FROM {HOURS}"] * 400), "becomes so long"),
    (
        f"WITH a0 AS (SELECT 1 AS x FROM {RAW}), "
        + ", ".join(f"a{n + 1} AS (SELECT x FROM a{n})" for n in range(100))
        + " SELECT * FROM a100",
        "at most 30",
    ),
)

_NAMES = (
    *("time", "workspace_id", "api_id", "key_id", "outcome", "tags", "spent_credits", "count"),
    *("id", "at", "verifications_v1", "x", "system", "`key_id`", '"workspace_id"', "t.key_id"),
    *("u.key_id", "u.workspace_id", "t.time"),
)
_VALUES = (
    "0",
    "1",
    "1e3",
    "'ws_1'",
    "'ws_2'",
    "'secret'",
    "''' OR 1 = 1 --'",
    "'\\\\'",
    "NULL",
    "now()",
)

_SIGNS = ("=", "!=", "<", ">=", "+", "-", "*", "%", "AND", "OR", "LIKE", "||")
_FUNCTIONS = (
    "count",
    "max",
    "any",
    "toString",
    "groupArray",
    "arrayJoin",
    "length",
    "has",
    "sleep",
)
_OTHERS = ("verifications_v1", "system.tables", "(SELECT * FROM key_verifications_v1)", "x")


def made_up() -> st.SearchStrategy[str]:
    """A SELECT that is well formed, or nearly so; what it asks is left to chance."""
    names, values = st.sampled_from(_NAMES), st.sampled_from(_VALUES)
    expressions = st.recursive(
        names | values,
        lambda inner: st.one_of(
            st.builds("({} {} {})".format, inner, st.sampled_from(_SIGNS), inner),
            st.builds("{}({})".format, st.sampled_from(_FUNCTIONS), inner),
            st.builds("if({}, {}, {})".format, inner, inner, inner),
            st.builds("{} IN ({})".format, inner, inner),
            st.builds("{} IN (SELECT {} FROM {})".format, inner, inner, st.sampled_from(TABLES)),
            st.builds("NOT {}".format, inner),
        ),
        max_leaves=6,
    )
    items = st.lists(
        expressions | st.builds("{} AS {}".format, expressions, names) | st.just("*"),
        min_size=1,
        max_size=3,
    )
    tables = st.sampled_from((*TABLES, *_OTHERS))
    sources = st.one_of(
        st.builds("{} t".format, tables),
        st.builds("{} t JOIN {} u ON {} = {}".format, tables, tables, expressions, expressions),
        st.builds("{} t LEFT JOIN {} u USING {}".format, tables, tables, names),
    )
    selects = st.builds(
        "SELECT {} FROM {} WHERE {}{}".format,
        items.map(", ".join),
        sources,
        expressions,
        st.just("") | st.builds(" ORDER BY {} LIMIT 9".format, expressions),
    )
    combining = st.sampled_from(("UNION ALL", "UNION", "EXCEPT"))
    return selects | st.builds("{} {} {}".format, selects, combining, selects)


def soup() -> st.SearchStrategy[str]:
    """Words and signs in any order."""
    words = st.sampled_from(
        (
            *(
                "SELECT",
                "FROM",
                "WHERE",
                "UNION",
                "ALL",
                "EXCEPT",
                "JOIN",
                "ON",
                "USING",
                "WITH",
                "AS",
                "IN",
                "(",
                ")",
                ",",
                "*",
                ".",
            ),
            *("--", "/*", "*/", ";", "'", "`", '"', "\\", "%", "%%", "%(p1)s", "\n", "\0", "ä"),
            *("SETTINGS", "FORMAT", "system", "->", "[", "]", "LIMIT", "1", "CASE", "END"),
            *(*_NAMES, *_VALUES, *_FUNCTIONS, *TABLES),
        )
    )
    return st.lists(words, max_size=25).map(" ".join) | st.lists(words, max_size=25).map("".join)
