//! What the walk finds in whole, damaged and hostile texts.

use super::*;

/// Knows objects that have a name.
#[derive(Default)]
struct Names {
    seen: Vec<String>,
    hints: usize,
}

impl Visitor for Names {
    fn element(&mut self, value: &Json<'_>, list_kind: &str, _at: u64) -> bool {
        let Some(name) = value.get("name").as_str() else { return false };
        self.seen.push(format!("{list_kind}{name}"));
        true
    }

    fn hint(&mut self, _members: &Json<'_>) {
        self.hints += 1;
    }

    fn is_record(&self, value: &Json<'_>) -> bool {
        value.get("name").as_str().is_some()
    }
}

fn run(text: &str) -> (Vec<String>, Walk) {
    let mut names = Names::default();
    let walk = walk(text, &mut names);
    (names.seen, walk)
}

#[test]
fn documents_follow_each_other_with_text_between() {
    let text = "WARNING: [beta] {braces}\n$ kubectl get x\n{\"name\":\"a\"}{\"name\":\"b\"}\n\
                [INFO] done\n==== START logs for container x of pod y/z ====\n{\"name\":\"not me\"}\n\
                ==== END logs for container x of pod y/z ====\n[{\"name\":\"c\"},\n{\"name\":\"d\"}]\n";
    let (seen, walk) = run(text);
    assert_eq!(seen, ["a", "b", "c", "d"]);
    assert_eq!(walk, Walk { text_lines: 3, container_logs: 1, ..Walk::default() });
}

#[test]
fn elements_learn_the_kind_of_their_list_wherever_it_stands() {
    assert_eq!(run(r#"{"items":[{"name":"a"}],"kind":"PodList"}"#).0, ["PodLista"]);
    assert_eq!(run(r#"{"kind":"PodList","items":[{"name":"a"}]}"#).0, ["PodLista"]);
    assert_eq!(run(r#"{"kind":"PodList","items":null}"#).0, Vec::<String>::new());
}

#[test]
fn one_bad_object_costs_only_itself() {
    let (seen, walk) = run(r#"{"items":[{"name":"a"},{"name":"b",oops},{"name":"c"}]}"#);
    assert_eq!(seen, ["a", "c"]);
    assert_eq!(walk.lost, [Lost { byte: 23, lost: r#"{"name":"b"oops}"#.len() as u64, cut_off: false }]);
}

#[test]
fn what_was_recognised_before_debris_is_not_lost_with_it() {
    let (seen, walk) = run(r#"[{"name":"a"},5]"b":1}x{"name":"c"}"#);
    assert_eq!(seen, ["a", "c"]);
    assert_eq!(walk.lost, [Lost { byte: 16, lost: r#""b":1}x"#.len() as u64, cut_off: false }]);
}

#[test]
fn a_text_cut_anywhere_yields_every_whole_object() {
    let text = r#"{"items":[{"name":"a","x":{"y":[1,2]}},{"name":"b"},{"name":"c"}],"kind":"L"}"#;
    let ends =
        [text.find(",{\"name\":\"b").unwrap(), text.find(",{\"name\":\"c").unwrap(), text.find("],\"kind").unwrap()];
    for cut in 0..=text.len() {
        let (seen, walk) = run(&text[..cut]);
        let whole = ends.iter().filter(|&&end| cut >= end).count();
        assert_eq!(seen.len(), whole, "{cut}");
        let begun = [10, ends[0] + 1, ends[1] + 1].into_iter().rfind(|&begin| cut > begin);
        let expected = match begun {
            Some(begin) if whole < 3 && !ends.iter().any(|&end| end > begin && cut >= end) => {
                text[begin..cut].bytes().filter(|byte| *byte != b',').count()
            }
            None if cut < 10 => text[..cut].len(),
            _ => 0,
        };
        let lost: u64 = walk.lost.iter().map(|lost| lost.lost).sum();
        assert_eq!(lost, expected as u64, "{cut} {:?}", &text[..cut]);
    }
}

#[test]
fn a_text_that_begins_inside_an_object_yields_the_rest() {
    let (seen, walk) = run(r#"","phase":"Running"}},{"name":"b"},{"name":"c"}],"kind":"L"}"#);
    assert_eq!(seen, ["b", "c"]);
    assert_eq!(walk.lost.len(), 1);
    assert_eq!(walk.lost[0].lost, r#""""phase":"Running"}}"#.len() as u64 - 1);
}

#[test]
fn hostile_texts_end_soon() {
    for text in [
        "[".repeat(100_000),
        "{\"a\":".repeat(100_000),
        "{\"".repeat(100_000),
        "[{},".repeat(100_000),
        "{\"items\":[".repeat(50_000),
    ] {
        let _ = run(&text);
    }
}

#[test]
fn an_object_of_too_many_values_is_lost_as_one() {
    let many = format!("{{\"name\":\"x\",\"of\":[{}{{\"name\":\"y\"}}]}}", "1,".repeat(6_000_000));
    for text in [
        format!("{{\"name\":\"a\"}}{many}{{\"name\":\"b\"}}"),
        format!("[{{\"name\":\"a\"}},{many},{{\"name\":\"b\"}}]"),
    ] {
        let (seen, walk) = run(&text);
        assert_eq!(seen, ["a", "b"]);
        let lost: Vec<(u64, bool)> = walk.lost.iter().map(|lost| (lost.lost, lost.cut_off)).collect();
        assert_eq!(lost, [(many.len() as u64 - 6_000_001, false)]);
    }
}
