-- One row per person. Inside a delivery that is the subject. Across deliveries two subjects are one person when CII
-- and birth date agree and no delivery has that CII on several subjects. The newest delivery replaces a person whole; a
-- person absent from the newest statewide delivery leaves: what was delivered before that speaks of nobody any more.
with last_statewide as (
    select coalesce(max(delivery_no), 0) as delivery_no
    from raw.delivery
    where scope = 'statewide'
),

shared_cii as (
    select distinct cii
    from core.subject
    where is_cii_shared and cii is not null
),

linked as (
    select
        s.*,
        case
            when s.birth_date is not null and not s.is_cii_shared and c.cii is null and s.cii is not null
                then concat('L', s.cii, '|', cast(s.birth_date as varchar))
        end as link_key
    from core.subject as s
    inner join last_statewide as w on s.delivery_no >= w.delivery_no
    left join shared_cii as c on s.cii = c.cii
),

-- The same SUBJECT_ID in two deliveries without that link: not joined, told apart by the order of acceptance.
numbered as (
    select
        *,
        row_number() over (partition by link_key is null, subject_key order by delivery_no) as nth_unlinked,
        count(*) over (partition by link_key is null, subject_key) as n_unlinked
    from linked
),

keyed as (
    select
        *,
        case
            when link_key is not null then link_key
            when nth_unlinked = 1 then subject_key
            else concat(subject_key, '|', cast(nth_unlinked as varchar))
        end as person_key,
        link_key is null and n_unlinked > 1 as is_subject_repeated
    from numbered
),

newest as (
    select
        person_key,
        max(delivery_no) as delivery_no
    from keyed
    group by person_key
)

select
    cast(row_number() over (order by k.person_key) as integer) as person_no,
    k.person_key,
    substr(sha256($key_outer || unhex(sha256($key_inner || encode(k.person_key)))), 1, 24) as person_id,
    k.delivery_no,
    k.subject_key,
    cast(k.n_records as bigint) as n_records,
    k.cii,
    k.is_cii_shared,
    k.name,
    k.gender,
    k.race,
    k.birth_date,
    k.birth_date_least,
    k.birth_date_most,
    (k.has_two_ciis or k.has_two_births or k.is_subject_repeated) as identity_conflict,
    k.is_subject_repeated,
    k.is_history_complete
from keyed as k
inner join newest as n on k.person_key = n.person_key and k.delivery_no = n.delivery_no
