//! Findings and checks as the page shows them: the summary's finding with what it leads to in the picture and on the timeline.

use crate::metrics::MetricPoint;
use crate::sources::{ObjectPlace, SourceOf};
use crate::summary::Finding;
use crate::time::Millis;
use crate::view::EntityKey;
use serde::{Deserialize, Serialize};

/// What a line of evidence opens to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Opens {
    /// Nothing: it sums up what the lines around it and whole files say.
    #[default]
    Nothing,
    /// Nothing: it says what is in no file.
    Absent,
    /// Rows as they stand in flow logs or access logs.
    Rows(SourceOf),
    /// The file that says so, by its path.
    Input(String),
    /// The object that says so.
    Object(ObjectPlace),
    /// The value of a metric that says so.
    Metric(MetricPoint),
}

impl From<Option<ObjectPlace>> for Opens {
    fn from(place: Option<ObjectPlace>) -> Self {
        place.map_or(Self::Nothing, Self::Object)
    }
}

/// A finding and where it leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownFinding {
    /// As the summary has it.
    pub finding: Finding,
    /// Of each line of its evidence what it opens to; shorter where the last lines open to nothing.
    pub opens: Vec<Opens>,
    /// Things that it is about, the first one first; each is selected by its key.
    pub keys: Vec<EntityKey>,
    /// When it was so, as far as that is known: first and last time.
    pub span: Option<(Millis, Millis)>,
    /// Letters of the sources: F flow logs, K Kubernetes, H backend health, M metrics, A access log, Z Azure resources.
    pub sources: String,
}

/// What became of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// It found nothing to say.
    Passed,
    /// It made so many findings.
    Found(u64),
    /// It could not run: which inputs would let it, each a plain clause.
    Lacks(Vec<String>),
}

/// A check that ran, or could not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The identifier that its findings have.
    pub id: String,
    /// The question that it answers.
    pub question: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// Everything that the checks say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingsReport {
    /// Worst first, then by identifier and subject.
    pub findings: Vec<ShownFinding>,
    /// In the order of the list of rules.
    pub checks: Vec<Check>,
}
