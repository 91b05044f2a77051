-- Each month's approaches, with the closest one and the fastest speed.
-- grain: month
-- counts: approaches
SELECT
  CAST(date_trunc('month', close_approach_at) AS DATE) AS month,
  count(*) AS approaches,
  min_by(struct(designation, dist_au, close_approach_at), dist_au) AS closest,
  max(v_rel_km_s) AS fastest_km_s
FROM silver
GROUP BY CAST(date_trunc('month', close_approach_at) AS DATE)
