-- One row per part of a sentence. Parts that run beside one another are never added up.
select distinct
    charge_no,
    sentence_location as location,
    sentence_length as length,
    sentence_unit as unit
from core.entry
where sentence_location is not null or sentence_length is not null
