-- One row per record, person or conviction that breaks a law of the core tables; none if all is well.
with repeat as (
    select distinct later_charge_no as charge_no
    from core.attachment
    where is_repeat
),

gathered as (
    select
        charge_no,
        count(*) as n_entries,
        min(delivery_no) as delivery_no,
        min(record_no) as record_no,
        min(person_no) as person_no
    from core.entry
    group by charge_no
),

keyed_alike as (
    select person_key
    from core.person
    group by person_key
    having count(*) > 1
),

found as (
    -- Loaded = used + duplicate + superseded.
    select
        'core.every_record_has_one_use' as expectation,
        coalesce(s.delivery_no, r.delivery_no) as delivery_no,
        coalesce(s.record_no, r.record_no) as record_no,
        r.person_no,
        cast(null as varchar) as conviction_id
    from staging.record as s
    full join core.record as r on s.delivery_no = r.delivery_no and s.record_no = r.record_no
    where
        s.record_no is null
        or r.record_no is null
        or coalesce(r.use not in ('used', 'duplicate', 'superseded'), true)
        or (r.use = 'used' and r.person_no is null)
    union all
    -- Only a newer delivery can supersede, so nothing supersedes the newest.
    select
        'core.newest_delivery_is_used_whole' as expectation,
        delivery_no,
        record_no,
        person_no,
        cast(null as varchar) as conviction_id
    from core.record
    where use = 'superseded' and delivery_no = (select max(delivery_no) from raw.delivery)
    union all
    select
        'core.every_used_record_is_one_entry' as expectation,
        coalesce(r.delivery_no, e.delivery_no) as delivery_no,
        coalesce(r.record_no, e.record_no) as record_no,
        coalesce(r.person_no, e.person_no) as person_no,
        cast(null as varchar) as conviction_id
    from core.record as r
    full join core.entry as e on r.delivery_no = e.delivery_no and r.record_no = e.record_no
    where coalesce((r.use = 'used') <> (e.record_no is not null), true)
    union all
    -- A join over the offense would silently drop the count.
    select
        'core.every_entry_names_its_offense' as expectation,
        e.delivery_no,
        e.record_no,
        e.person_no,
        cast(null as varchar) as conviction_id
    from core.entry as e
    left join core.offense as o on e.offense_no = o.offense_no
    where o.offense_no is null
    union all
    select
        'core.every_entry_is_in_one_charge' as expectation,
        coalesce(c.delivery_no, g.delivery_no) as delivery_no,
        coalesce(c.record_no, g.record_no) as record_no,
        coalesce(c.person_no, g.person_no) as person_no,
        cast(null as varchar) as conviction_id
    from core.charge as c
    full join gathered as g on c.charge_no = g.charge_no
    where coalesce(c.n_entries <> g.n_entries or c.person_no <> g.person_no, true)
    union all
    select
        'core.every_charge_is_in_one_event' as expectation,
        c.delivery_no,
        c.record_no,
        c.person_no,
        cast(null as varchar) as conviction_id
    from core.charge as c
    left join core.event as e on c.event_no = e.event_no
    where coalesce(c.person_no <> e.person_no, true)
    union all
    select
        'core.every_court_charge_is_a_count' as expectation,
        c.delivery_no,
        c.record_no,
        c.person_no,
        cast(null as varchar) as conviction_id
    from core.charge as c
    left join core.court_count as k on c.charge_no = k.charge_no
    where
        k.charge_no is null
        and (c.step_type is null or c.step_type in ('court_action', 'probation', 'custody', 'jail', 'other'))
    union all
    -- A convicted count starts a conviction or tells one again, and nothing else starts one.
    select
        'core.every_convicted_count_is_told_once' as expectation,
        coalesce(v.delivery_no, c.delivery_no) as delivery_no,
        coalesce(v.record_no, c.record_no) as record_no,
        coalesce(v.person_no, k.person_no) as person_no,
        v.conviction_id
    from core.court_count as k
    inner join core.charge as c on k.charge_no = c.charge_no
    left join repeat as r on k.charge_no = r.charge_no
    full join core.conviction as v on k.charge_no = v.charge_no
    where
        coalesce(k.is_convicted and k.step_type = 'court_action', false)
        <> ((v.charge_no is not null) <> (r.charge_no is not null))
    union all
    select
        'core.every_record_belongs_to_a_person' as expectation,
        r.delivery_no,
        r.record_no,
        r.person_no,
        cast(null as varchar) as conviction_id
    from core.record as r
    left join core.person as p on r.person_no = p.person_no
    where r.person_no is not null and p.person_no is null
    union all
    select
        'core.every_person_has_a_record' as expectation,
        p.delivery_no,
        cast(null as bigint) as record_no,
        p.person_no,
        cast(null as varchar) as conviction_id
    from core.person as p
    where
        p.person_no not in (
            select person_no from core.entry
            where person_no is not null
        )
    union all
    select
        'core.person_is_told_by_one_key' as expectation,
        p.delivery_no,
        cast(null as bigint) as record_no,
        p.person_no,
        cast(null as varchar) as conviction_id
    from core.person as p
    inner join keyed_alike as k on p.person_key = k.person_key
    union all
    select
        'core.every_conviction_names_its_record' as expectation,
        v.delivery_no,
        v.record_no,
        v.person_no,
        v.conviction_id
    from core.conviction as v
    left join core.entry as e
        on v.delivery_no = e.delivery_no and v.record_no = e.record_no and v.charge_no = e.charge_no
    where coalesce(v.person_no <> e.person_no, true)
    union all
    select
        'core.every_sentence_has_its_charge' as expectation,
        cast(null as integer) as delivery_no,
        cast(null as bigint) as record_no,
        cast(null as integer) as person_no,
        cast(null as varchar) as conviction_id
    from core.sentence as s
    left join core.charge as c on s.charge_no = c.charge_no
    where c.charge_no is null
    union all
    select
        'core.every_attachment_has_its_conviction' as expectation,
        c.delivery_no,
        c.record_no,
        c.person_no,
        cast(null as varchar) as conviction_id
    from core.attachment as a
    left join core.charge as c on a.later_charge_no = c.charge_no
    left join core.conviction as v on a.conviction_charge_no = v.charge_no
    where coalesce(v.person_no <> c.person_no, true)
    union all
    select
        'core.conviction_dates_are_in_order' as expectation,
        delivery_no,
        record_no,
        person_no,
        conviction_id
    from core.conviction
    where
        conviction_date_least > conviction_date_most
        or conviction_date_least > conviction_date
        or conviction_date > conviction_date_most
)

select *
from found
