-- Requests to HTTP servers by window and half octave of their seconds (place p holds 2^(p/2) to 2^((p+1)/2); -40 and what is less, too). Parameters: ${spread}, 03_spread_distributions by start; ${rows_max}.
SELECT
    start,
    if(place > exp2(-20), toInt32(floor(2 * log2(place))), -40) AS half_octave,
    sum(weight) AS requests
FROM
(
${spread}
) AS s
ARRAY JOIN s.places AS place, s.weights AS weight
WHERE weight > 0
GROUP BY start, half_octave
ORDER BY start, half_octave
LIMIT ${rows_max}
