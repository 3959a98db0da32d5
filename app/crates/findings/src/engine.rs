//! Runs the rules: those whose inputs are there, in the order of the list; says of the others which file would let them run.
//! A rule is a file with one [`Rule`] in it.

use crate::facts::{Facts, Known};
pub(crate) use crate::need::Need;
use crate::rules::RULES;
use underlay_identity::{Inventory, Sourced};
use underlay_model::connection::ProbeObservation;
use underlay_model::finding::{Check, FindingsReport, Opens, Outcome, ShownFinding};
use underlay_model::order::Order;
use underlay_model::sources::{ObjectPlace, PairName, SourceOf};
use underlay_model::summary::{Finding, Pair};
use underlay_model::time::Millis;
use underlay_model::tuple::Verdict;
use underlay_model::view::{EdgeKind, EntityKey};

/// Findings that one rule makes at most; the last one then says how many more there are.
const MOST: usize = 60;
/// Lines of evidence that a finding lists at most.
const LINES: usize = 12;

/// What a rule looks at, so that it is known what a range of time changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reads {
    /// Flows and probes: it runs again on those of the range.
    Flows,
    /// Objects, settings, and numbers with their own time: of the whole capture's findings those count that touch the range.
    Capture,
}

/// A check.
pub(crate) struct Rule {
    /// Of its findings.
    pub(crate) id: &'static str,
    /// That it answers.
    pub(crate) question: &'static str,
    /// What its findings lead to, and so why they weigh what they do: one sentence, unless a finding has its own.
    pub(crate) why: &'static str,
    /// All are needed.
    pub(crate) needs: &'static [Need],
    pub(crate) reads: Reads,
    /// What would show that a finding is wrong; of every finding.
    pub(crate) refutes: &'static [&'static str],
    /// What to do; of every finding, after its own.
    pub(crate) next: &'static [&'static str],
    pub(crate) check: fn(&Facts<'_>, &mut Found),
}

/// How bad; worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    Info,
    Warning,
    Critical,
}

impl Severity {
    /// As the contract writes it.
    fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }

    fn of(word: &str) -> Self {
        let all = [Self::Critical, Self::Warning];
        all.into_iter().find(|one| one.word() == word).unwrap_or(Self::Info)
    }
}

/// What a rule has found so far.
#[derive(Default)]
pub(crate) struct Found(Vec<(Severity, ShownFinding)>);

impl Found {
    /// A finding; `kind` and `confidence` as the contract has them.
    pub(crate) fn add(
        &mut self,
        severity: Severity,
        kind: &'static str,
        confidence: &'static str,
        subject: &str,
        title: &[&str],
    ) -> &mut ShownFinding {
        let finding = Finding {
            id: String::new(),
            severity: severity.word().to_owned(),
            kind: kind.to_owned(),
            confidence: confidence.to_owned(),
            title: title.concat(),
            subject: subject.to_owned(),
            evidence: Vec::new(),
            refutes: Vec::new(),
            next: Vec::new(),
            consequence: String::new(),
        };
        self.0.push((
            severity,
            ShownFinding { finding, opens: Vec::new(), keys: Vec::new(), span: None, sources: String::new() },
        ));
        // Just pushed, so there is a last one.
        let last = self.0.len() - 1;
        &mut self.0[last].1
    }
}

/// Small steps that make a finding whole.
pub(crate) trait Fill {
    /// A line of evidence from a source (its letter).
    fn evidence(&mut self, source: char, words: &[&str]) -> &mut Self;
    /// The last line of evidence opens to the rows of a pair.
    fn rows(&mut self, pair: &Pair) -> &mut Self;
    /// The last line of evidence opens to the rows of a probed pair.
    fn probe_rows(&mut self, seen: &ProbeObservation) -> &mut Self;
    /// The last line of evidence opens to all rows of a thing, by its kind and name.
    fn rows_of(&mut self, kind: &str, name: &str) -> &mut Self {
        self.opens(Opens::Rows(SourceOf::Entity(EntityKey([kind, ":", name].concat()))))
    }
    /// The last line of evidence opens to all rows of one kind of traffic.
    fn layer_rows(&mut self, kind: EdgeKind) -> &mut Self {
        self.opens(Opens::Rows(SourceOf::Layer(kind)))
    }
    /// The last line of evidence says what is in no file.
    fn absent(&mut self) -> &mut Self {
        self.opens(Opens::Absent)
    }
    /// The last line of evidence opens to something.
    fn opens(&mut self, what: Opens) -> &mut Self;
    /// The last line of evidence opens to an object of this name, and in it to a field (see [`ObjectPlace::field`]).
    fn object<T>(&mut self, inventory: &Inventory, object: &Sourced<T>, name: &str, field: &str) -> &mut Self {
        self.object_at(inventory.place(object, name, field))
    }
    /// The last line of evidence opens to what stands there.
    fn object_at(&mut self, place: Option<ObjectPlace>) -> &mut Self;
    /// A thing that it is about.
    fn about(&mut self, kind: &str, name: &str) -> &mut Self;
    /// What to do, before what the rule itself says.
    fn next(&mut self, words: &[&str]) -> &mut Self;
    /// What it leads to, in place of what the rule itself says.
    fn consequence(&mut self, words: &[&str]) -> &mut Self;
    /// When it was so; several are put together.
    fn when(&mut self, first: Millis, last: Millis) -> &mut Self;
}

impl Fill for ShownFinding {
    fn evidence(&mut self, source: char, words: &[&str]) -> &mut Self {
        if !self.sources.contains(source) {
            self.sources.push(source);
        }
        self.finding.evidence.push(words.concat());
        self
    }

    fn rows(&mut self, pair: &Pair) -> &mut Self {
        let name = PairName { src: pair.src, dst: pair.dst, port: pair.port, protocol: pair.protocol };
        self.opens(Opens::Rows(SourceOf::Pair(name, pair.verdict)))
    }

    fn probe_rows(&mut self, seen: &ProbeObservation) -> &mut Self {
        // Probes are HTTP.
        match (seen.instance, seen.target) {
            (Some(src), Some(dst)) => {
                let name = PairName { src, dst, port: seen.port, protocol: 6 };
                self.opens(Opens::Rows(SourceOf::Pair(name, Verdict::Allowed)))
            }
            _ => self,
        }
    }

    fn opens(&mut self, what: Opens) -> &mut Self {
        self.opens.resize(self.finding.evidence.len().saturating_sub(1), Opens::Nothing);
        self.opens.push(what);
        self
    }

    fn object_at(&mut self, place: Option<ObjectPlace>) -> &mut Self {
        match place {
            Some(place) => self.opens(Opens::Object(place)),
            None => self,
        }
    }

    fn about(&mut self, kind: &str, name: &str) -> &mut Self {
        self.keys.push(EntityKey([kind, ":", name].concat()));
        self
    }

    fn next(&mut self, words: &[&str]) -> &mut Self {
        self.finding.next.push(words.concat());
        self
    }

    fn consequence(&mut self, words: &[&str]) -> &mut Self {
        self.finding.consequence = words.concat();
        self
    }

    fn when(&mut self, first: Millis, last: Millis) -> &mut Self {
        let (from, to) = self.span.unwrap_or((first, last));
        self.span = Some((from.min(first), to.max(last)));
        self
    }
}

/// `1 pod`, `12 pods`, `3 addresses`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    let plural = if noun.ends_with('s') { "es" } else { "s" };
    [number.to_string().as_str(), " ", noun, if number == 1 { "" } else { plural }].concat()
}

/// The same of a number in the data: `1 flow`, `174 connections`.
pub(crate) fn times(number: u64, noun: &str) -> String {
    count(usize::try_from(number).unwrap_or(usize::MAX), noun)
}

/// All checks over a capture. The same capture gives the same report.
pub fn check(known: Known<'_>) -> FindingsReport {
    run(known, None)
}

/// The checks over a part of the time: `known` holds pairs, probes and span of the range, `whole` is what [`check`] said of all. Checks of
/// flows run again; of the others those findings stay whose time touches the range, or that have none.
pub fn check_within(known: Known<'_>, whole: &FindingsReport) -> FindingsReport {
    run(known, Some(whole))
}

fn run(known: Known<'_>, whole: Option<&FindingsReport>) -> FindingsReport {
    let facts = Facts::new(known);
    let mut checks = Vec::new();
    let mut all: Vec<(Severity, ShownFinding)> = Vec::new();
    for rule in RULES {
        let lacks: Vec<String> =
            rule.needs.iter().filter(|need| !need.is_met(&facts)).map(|need| need.words().to_owned()).collect();
        let outcome = match whole.filter(|_| rule.reads == Reads::Capture) {
            _ if !lacks.is_empty() => Outcome::Lacks(lacks),
            Some(whole) => outcome(&mut all, kept(rule, whole, known.span)),
            None => {
                let mut found = Found::default();
                (rule.check)(&facts, &mut found);
                let count = found.0.len() as u64;
                outcome(&mut all, finish(rule, found));
                if count == 0 { Outcome::Passed } else { Outcome::Found(count) }
            }
        };
        checks.push(Check { id: rule.id.to_owned(), question: rule.question.to_owned(), outcome });
    }
    all.order_by(|a, b| {
        let key = |one: &ShownFinding| (one.finding.id.clone(), one.finding.subject.clone());
        b.0.cmp(&a.0).then_with(|| key(&a.1).cmp(&key(&b.1)))
    });
    FindingsReport { findings: all.into_iter().map(|(_, finding)| finding).collect(), checks }
}

/// Adds findings of a rule to all, and says what became of it.
fn outcome(all: &mut Vec<(Severity, ShownFinding)>, more: Vec<(Severity, ShownFinding)>) -> Outcome {
    let count = more.len() as u64;
    all.extend(more);
    if count == 0 { Outcome::Passed } else { Outcome::Found(count) }
}

/// Findings of the whole capture that are of a range, too.
fn kept(rule: &Rule, whole: &FindingsReport, range: Option<(Millis, Millis)>) -> Vec<(Severity, ShownFinding)> {
    let touches = |own: (Millis, Millis)| range.is_none_or(|(first, last)| own.0 <= last && own.1 >= first);
    let own = whole.findings.iter().filter(|one| one.finding.id == rule.id && one.span.is_none_or(touches));
    own.map(|one| (Severity::of(&one.finding.severity), one.clone())).collect()
}

/// What every finding of a rule says, and a bound on how many and how long they are.
fn finish(rule: &Rule, found: Found) -> Vec<(Severity, ShownFinding)> {
    let mut list = found.0;
    list.order_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.finding.subject.cmp(&b.1.finding.subject)));
    let beyond = list.len().saturating_sub(MOST);
    list.truncate(MOST);
    let last = list.len();
    for (at, (_, shown)) in list.iter_mut().enumerate() {
        let finding = &mut shown.finding;
        finding.id = rule.id.to_owned();
        let more = finding.evidence.len().saturating_sub(LINES);
        if more > 0 {
            finding.evidence.truncate(LINES);
            shown.opens.truncate(LINES);
            finding.evidence.push(["And ", &more.to_string(), " more."].concat());
        }
        if beyond > 0 && at + 1 == last {
            finding.evidence.push(["The same is true of ", &beyond.to_string(), " more subjects."].concat());
        }
        finding.refutes.extend(rule.refutes.iter().map(|&words| words.to_owned()));
        finding.next.extend(rule.next.iter().map(|&words| words.to_owned()));
        if finding.consequence.is_empty() {
            finding.consequence = rule.why.to_owned();
        }
    }
    list
}
