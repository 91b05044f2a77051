-- What each device sent in each hour: how many events, how well it was, what it measured.
-- grain: device_id, hour
-- counts: events
SELECT
  device_id,
  date_trunc('hour', occurred_at) AS hour,
  count(*) AS events,
  count_if(event_type = 'alarm') AS alarms,
  avg(CAST(ok AS DOUBLE)) AS ok_share,
  min(temperature) AS temperature_min,
  avg(temperature) AS temperature_avg,
  max(temperature) AS temperature_max,
  avg(pressure) AS pressure_avg,
  min(occurred_at) AS first_at,
  max(occurred_at) AS last_at
FROM silver
GROUP BY device_id, date_trunc('hour', occurred_at)
