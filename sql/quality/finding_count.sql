-- One row per finding that was made: on how many records, persons or convictions.
select
    finding,
    cast(count(*) as bigint) as n
from quality.finding
group by finding
