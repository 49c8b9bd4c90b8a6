-- One row per conviction: felony convictions of its person after the end of its sentence. A severity that is not stated
-- may be a felony; an end that is not surely known may be earlier or later.
with felony as (
    select
        *,
        kind = 'conviction' and coalesce(stated_severity = 'F', false) as is_felony
    from facts.mention
    where kind in ('conviction', 'retold', 'possible') and coalesce(stated_severity = 'F', true)
),

later as (
    select
        v.charge_no,
        m.is_felony and coalesce(m.event_date_least > s.sentence_end_date_most, false) as is_sure,
        m.event_date_least,
        m.event_date_most,
        greatest(m.event_date_least, s.sentence_end_date_least) as after_least
    from core.conviction as v
    inner join facts.sentence as s on v.charge_no = s.charge_no
    inner join felony as m on v.person_no = m.person_no
    where v.charge_no <> m.charge_no and not coalesce(m.event_date_most <= s.sentence_end_date_least, false)
),

gathered as (
    select
        charge_no,
        bool_or(is_sure) as is_sure,
        case when count(event_date_least) = count(*) then min(after_least) end as first_least,
        min(event_date_most) filter (where is_sure) as first_most
    from later
    group by charge_no
)

select
    v.charge_no,
    case
        when g.is_sure then true
        when g.charge_no is null and f.is_history_complete and f.is_current then false
    end as new_felony_since,
    case when g.first_least = g.first_most then g.first_least end as new_felony_date,
    g.first_least as new_felony_date_least,
    g.first_most as new_felony_date_most
from core.conviction as v
inner join facts.person as f on v.person_no = f.person_no
left join gathered as g on v.charge_no = g.charge_no
