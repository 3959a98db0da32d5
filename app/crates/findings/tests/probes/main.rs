//! Probes are told from user traffic by time and size, or said to be inseparable. The captures here are made up with known
//! truth; the rates that the documents state are measured by `error_rates` (`-- --nocapture` prints them).

mod made;
mod rates;

use made::{Case, INSTANCE, PLAIN, POD, connection, judge, make};
use underlay_findings::probes::{leave_out_uncovered, observe};
use underlay_model::connection::{Connection, Separation};

#[test]
fn counts_answers_gaps_and_runs() {
    let mut list = make(Case { requests_a_minute: 6, jitter: 3, ..PLAIN });
    let probes: Vec<usize> = (0..list.len()).filter(|&at| list[at].1).collect();
    for &at in &probes[200..205] {
        (list[at].0.packets, list[at].0.bytes) = ([3, 0], [180, 0]);
    }
    for &at in &probes[500..] {
        list[at].0.bytes[1] = 412;
    }
    let gone: Vec<usize> = probes[300..312].to_vec();
    let list: Vec<_> = list.into_iter().enumerate().filter(|(at, _)| !gone.contains(at)).map(|(_, one)| one).collect();
    let (seen, _) = judge(&list);
    assert_eq!(seen.separation, Separation::Clear);
    assert_eq!(
        (seen.answered, seen.unanswered, seen.unanswered_run, seen.missed),
        (720 - 12 - 5, 5, 5, 12),
        "{seen:?}"
    );
    let (from, to) = seen.longest_gap.unwrap();
    assert!((60_000..70_000).contains(&(to - from)));
    let (_, before, after) = seen.answer_changed.unwrap();
    assert_eq!((before, after), (1893, 412));
}

#[test]
fn nothing_is_missing_while_no_flow_log_covers_the_time() {
    for hours in [1, 50] {
        let list: Vec<Connection> = make(PLAIN).into_iter().map(|(one, _)| one).collect();
        let (begin, end) = (list[0].start_ms, list[list.len() - 1].start_ms);
        let away = hours * 3_600_000 + (end - begin) / PLAIN.interval * PLAIN.interval;
        let later = list.iter().map(|one| Connection { start_ms: one.start_ms + away, ..*one });
        let both: Vec<Connection> = list.iter().copied().chain(later).collect();
        let mut seen = observe(INSTANCE, POD, 8080, &both);
        assert!(seen.missed > 500 && seen.longest_gap.is_some(), "{seen:?}");
        let minutes = |from: i64, to: i64| (from / 60_000, to / 60_000);
        leave_out_uncovered(&mut seen, &[minutes(begin, end), minutes(begin + away, end + away)]);
        assert_eq!((seen.missed, seen.longest_gap), (0, None), "{hours} hours");
        assert!(seen.minutes.iter().all(|one| one.missed == 0 && one.answered + one.unanswered > 0));
    }
}

#[test]
fn captures_that_are_years_apart_note_a_day_between_them() {
    const YEARS_MS: i64 = 3 * 365 * 86_400_000;
    let list: Vec<Connection> = make(PLAIN).into_iter().map(|(one, _)| one).collect();
    let later = list.iter().map(|one| Connection { start_ms: one.start_ms + YEARS_MS, ..*one });
    let both: Vec<Connection> = list.iter().copied().chain(later).collect();
    let seen = observe(INSTANCE, POD, 8080, &both);
    assert_eq!((seen.separation, seen.answered), (Separation::Clear, 2 * 720), "{} minutes", seen.minutes.len());
    assert!((1440..1440 + 125).contains(&seen.minutes.len()), "{} minutes", seen.minutes.len());
}

#[test]
fn user_traffic_alone_is_no_probe() {
    for seed in 0..60 {
        for requests_a_minute in [1, 5, 30, 300] {
            for same_sent in [false, true] {
                let case = Case { seed, requests_a_minute, same_sent, same_answer: same_sent, minutes: 15, ..PLAIN };
                let list: Vec<_> = make(case).into_iter().filter(|(_, probe)| !probe).collect();
                let (seen, counts) = judge(&list);
                assert_ne!(seen.separation, Separation::Clear, "{case:?} {seen:?}");
                assert_eq!(counts[3], 0);
            }
        }
    }
}

#[test]
fn what_cannot_be_told_apart_is_unknown() {
    let (seen, counts) =
        judge(&make(Case { requests_a_minute: 120, same_sent: true, same_answer: true, jitter: 200, ..PLAIN }));
    assert_ne!(seen.separation, Separation::Clear, "{seen:?}");
    assert_eq!(counts[1] + counts[3], 0);
}

#[test]
fn connections_kept_open_leave_no_beats() {
    let long = |minute: i64| Connection {
        duration_ms: 290_000,
        continued: true,
        ..connection(1_795_165_200_000 + minute * 300_000, [400, 300], [42_000, 110_000])
    };
    let list: Vec<Connection> = (0..12).map(long).collect();
    let seen = observe(INSTANCE, POD, 8080, &list);
    assert_eq!((seen.separation, seen.unknown), (Separation::Reused, 12));
}

#[test]
fn probes_that_the_log_folded_into_one_count_each() {
    let mut list = make(Case { requests_a_minute: 0, jitter: 2, ..PLAIN });
    // Every tenth tells of itself and the two after it.
    let mut merged = Vec::new();
    let mut at = 0;
    while at < list.len() {
        let mut one = list[at];
        if at % 10 == 5 && at + 2 < list.len() {
            let last = list[at + 2].0;
            one.0.duration_ms = u32::try_from(last.start_ms - one.0.start_ms).unwrap() + last.duration_ms;
            one.0.packets = [18, 15];
            one.0.bytes = [702 * 3, 1893 * 3];
            at += 2;
        }
        merged.push(one);
        at += 1;
    }
    let probes = list.len() as u64;
    list = merged;
    let (seen, counts) = judge(&list);
    assert_eq!((seen.separation, counts[1]), (Separation::Clear, 0));
    assert_eq!(seen.answered + seen.unanswered, probes, "{seen:?}");
    assert_eq!(seen.missed, 0, "{seen:?}");
}
