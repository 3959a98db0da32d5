//! Nodes and pods, their containers and probes: where things run and how they are.
//!
//! Source: Kubernetes API reference, `core/v1`.

use super::{Condition, Meta};
use crate::time::Millis;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// A node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Identity.
    pub meta: Meta,
    /// InternalIP addresses.
    pub internal_addresses: Vec<IpAddr>,
    /// ExternalIP addresses.
    pub external_addresses: Vec<IpAddr>,
    /// `spec.podCIDR(s)`; absent on Azure CNI Overlay.
    pub pod_cidrs: Vec<IpNet>,
    /// Condition Ready.
    pub ready: Option<bool>,
    /// `topology.kubernetes.io/zone`, `None` when `0` or absent.
    pub zone: Option<String>,
    /// Label `agentpool` or `kubernetes.azure.com/agentpool`.
    pub pool: Option<String>,
    /// `status.nodeInfo.kubeletVersion`.
    pub version: String,
    /// `spec.providerID`.
    pub provider_id: String,
    /// Ready, MemoryPressure, DiskPressure, PIDPressure, NetworkUnavailable, …
    pub conditions: Vec<Condition>,
    /// Taints as `key=value:effect`, or `key:effect`.
    pub taints: Vec<String>,
    /// `spec.unschedulable`: cordoned.
    pub unschedulable: bool,
    /// `status.nodeInfo`: operating system image, kernel, container runtime; each may be empty.
    pub system: [String; 3],
}

/// A pod.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pod {
    /// Identity.
    pub meta: Meta,
    /// Empty when not scheduled.
    pub node_name: String,
    /// Shares the node's address.
    pub host_network: bool,
    /// `podIP` and `podIPs`, each once.
    pub addresses: Vec<IpAddr>,
    /// `hostIP` and `hostIPs`, each once.
    pub host_addresses: Vec<IpAddr>,
    /// Pending, Running, Succeeded, Failed, Unknown; empty when absent.
    pub phase: String,
    /// `status.reason`, as Evicted.
    pub reason: String,
    /// `status.startTime`.
    pub started_ms: Option<Millis>,
    /// The latest `finishedAt` of its containers, if any finished for good. Where none says it, when it was told to go.
    pub finished_ms: Option<Millis>,
    /// Condition Ready.
    pub ready: Option<bool>,
    /// `lastTransitionTime` of condition Ready.
    pub ready_since_ms: Option<Millis>,
    /// The controlling owner, or the first: (kind, name).
    pub owner: Option<(String, String)>,
    /// The owner's owner at the end of the chain, as far as the capture has its objects; filled when inputs are merged.
    pub top_owner: Option<(String, String)>,
    /// Containers, with restartable init containers (sidecars) after them.
    pub containers: Vec<Container>,
    /// `status.message`.
    pub message: String,
    /// PodScheduled, Initialized, ContainersReady, Ready, readiness gates, DisruptionTarget.
    pub conditions: Vec<Condition>,
    /// From a pasted table: lives always, knows little.
    pub from_table: bool,
}

impl Pod {
    /// Succeeded or Failed: its address may belong to somebody else by now.
    pub fn finished(&self) -> bool {
        matches!(self.phase.as_str(), "Succeeded" | "Failed")
    }

    /// Sum over its containers.
    pub fn restarts(&self) -> u64 {
        self.containers.iter().map(|container| container.restarts).sum()
    }

    /// The workload that made it, (kind, name): what the objects say, else of a ReplicaSet with `pod-template-hash` the Deployment.
    pub fn workload(&self) -> Option<(String, String)> {
        if self.top_owner.is_some() {
            return self.top_owner.clone();
        }
        let (kind, name) = self.owner.as_ref()?;
        if kind == "ReplicaSet"
            && let Some(hash) = self.meta.label("pod-template-hash")
            && let Some(deployment) = name.strip_suffix(hash).and_then(|rest| rest.strip_suffix('-'))
        {
            return Some(("Deployment".to_owned(), deployment.to_owned()));
        }
        Some((kind.clone(), name.clone()))
    }
}

/// A container of a pod.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// Declared ports: (name, number, protocol).
    pub ports: Vec<(String, u16, String)>,
    /// `containerStatuses[].ready`.
    pub ready: Option<bool>,
    /// `containerStatuses[].restartCount`.
    pub restarts: u64,
    /// `running`, `waiting: CrashLoopBackOff`, `terminated: OOMKilled`; empty when absent.
    pub state: String,
    /// When it last started, and when its last run before that ended.
    pub started_ms: Option<Millis>,
    /// `lastState.terminated.finishedAt`.
    pub last_finished_ms: Option<Millis>,
    /// The readiness probe.
    pub readiness: Option<Probe>,
    /// The liveness probe.
    pub liveness: Option<Probe>,
    /// The startup probe.
    pub startup: Option<Probe>,
    /// `containerStatuses[].started`: the startup probe has succeeded.
    pub started: Option<bool>,
    /// Message of its state: why it waits or ended.
    pub message: String,
    /// How the run before ended: `OOMKilled`, `Error`, `Completed`; empty when there was none.
    pub last_reason: String,
    /// The exit code of that run.
    pub last_exit_code: Option<u64>,
    /// `image`.
    pub image: String,
}

/// A probe as configured (Kubernetes API, `Probe`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// `HTTP`, `HTTPS`, `TCP`, `gRPC`, `exec`.
    pub scheme: String,
    /// Of HTTP probes.
    pub path: String,
    /// A number or a name, as written.
    pub port: String,
    /// `periodSeconds`.
    pub period_s: u64,
    /// `timeoutSeconds`.
    pub timeout_s: u64,
    /// `failureThreshold`.
    pub failure_threshold: u64,
    /// `successThreshold`.
    pub success_threshold: u64,
    /// `initialDelaySeconds`.
    pub initial_delay_s: u64,
    /// `httpGet.host` or `tcpSocket.host`, or the `Host` header; empty when it is the pod's address.
    pub host: String,
}
