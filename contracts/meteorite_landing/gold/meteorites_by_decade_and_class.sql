-- How many meteorites of a class a decade brought, and their mass. Without a year, decade is null.
-- grain: decade, recclass
-- counts: meteorites
SELECT
  CAST(floor(year / 10) * 10 AS INT) AS decade,
  recclass,
  count(*) AS meteorites,
  sum(mass_g) AS mass_g
FROM silver
GROUP BY CAST(floor(year / 10) * 10 AS INT), recclass
