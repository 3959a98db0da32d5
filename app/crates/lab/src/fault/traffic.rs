//! Faults of traffic: what flow logs tell otherwise.

use super::Fault;
use super::edit::{Target, between_pods, copy_tuples, deny, from_gateway, more_users, reset, time, tuples};
use crate::sink::Memory;

/// Puts the fault in; false when it is of another kind.
pub(super) fn inject(fault: Fault, capture: &mut Memory, on: &Target) -> bool {
    match fault {
        Fault::GatewayDenied => tuples(capture, &mut |f, rule| {
            if from_gateway(f) && f[2] == on.address && time(f) >= on.middle_ms {
                *rule = Some("UserRule_deny-agc");
                return deny(f);
            }
            None
        }),
        Fault::DeniedForAWhile => tuples(capture, &mut |f, rule| {
            let while_ms = (on.end_ms - on.start_ms) / 4;
            if from_gateway(f) && f[2] == on.address && (on.middle_ms..on.middle_ms + while_ms).contains(&time(f)) {
                *rule = Some("UserRule_deny-agc");
                return deny(f);
            }
            None
        }),
        Fault::PodNotProbed => tuples(capture, &mut |f, _| (from_gateway(f) && f[2] == on.address).then_some(false)),
        Fault::ProbesUnanswered => tuples(capture, &mut |f, _| {
            if from_gateway(f) && f[2] == on.address && f[7] == "E" && time(f) >= on.middle_ms {
                (f[11], f[12]) = ("0".to_owned(), "0".to_owned());
            }
            None
        }),
        Fault::Encapsulated => copy_tuples(capture, &mut |f| {
            let between = f[5] == "6" && f[0].ends_with('7') && !from_gateway(f);
            between.then(|| {
                (f[1], f[2]) = (on.node.clone(), on.other_node.clone());
                (f[3], f[4], f[5]) = ("4789".to_owned(), "4789".to_owned(), "17".to_owned());
            })
        }),
        Fault::EncryptionDropped => tuples(capture, &mut |f, rule| {
            if from_gateway(f) && f[2] == on.address && time(f) >= on.middle_ms {
                if f[7] != "B" {
                    return Some(false);
                }
                (f[7], f[8]) = ("D".to_owned(), "NX_NOT_ACCEPTED".to_owned());
                *rule = Some("unspecified");
            }
            None
        }),
        Fault::DirectToPods => copy_tuples(capture, &mut |f| {
            (from_gateway(f) && f[2] == on.address && f[6] == "I").then(|| f[1] = "10.13.200.9".to_owned())
        }),
        Fault::HoleInLogs => {
            let hole = on.middle_ms - 240_000..on.middle_ms + 240_000;
            tuples(capture, &mut |f, _| hole.contains(&time(f)).then_some(false));
        }
        Fault::NodeWithoutLogs => {
            let mac = "6045BD12AB35";
            capture.files.retain(|path, _| !path.contains(mac));
        }
        Fault::PlatformDenied => tuples(capture, &mut |f, rule| {
            if f[1] == "168.63.129.16" || f[2] == "168.63.129.16" {
                *rule = Some("UserRule_deny-all");
                return deny(f);
            }
            None
        }),
        Fault::InstanceMissesPod => {
            tuples(capture, &mut |f, _| (f[1] == "10.13.100.7" && f[2] == on.address).then_some(false));
        }
        Fault::ProbesRefused => tuples(capture, &mut |f, _| {
            if from_gateway(f) && f[2] == on.address && f[7] == "E" && time(f) >= on.middle_ms {
                reset(f);
            }
            None
        }),
        Fault::ServiceSilent => {
            let addresses = on.of_service.clone();
            tuples(capture, &mut |f, _| (from_gateway(f) && addresses.contains(&f[2])).then_some(false));
        }
        Fault::GatewaySilent => tuples(capture, &mut |f, _| from_gateway(f).then_some(false)),
        Fault::InstanceGone => {
            tuples(capture, &mut |f, _| (f[1] == "10.13.100.7" && time(f) > on.start_ms + 60_000).then_some(false));
        }
        Fault::UnevenPods => more_users(capture, 40, &|f| f[2] == on.address),
        Fault::UnevenInstances => more_users(capture, 40, &|f| f[1] == "10.13.100.6"),
        Fault::EncryptionFallback => tuples(capture, &mut |f, _| {
            if between_pods(on, f) {
                f[8] = "NX_FALLBACK".to_owned();
            }
            None
        }),
        Fault::EncryptionMixed => tuples(capture, &mut |f, _| {
            if from_gateway(f) {
                f[8] = "X".to_owned();
            } else if between_pods(on, f) {
                f[8] = "NX_HW_NOT_SUPPORTED".to_owned();
            }
            None
        }),
        // A jump host: it reaches a node's shell and no pod.
        Fault::StrangerInSubnet => copy_tuples(capture, &mut |f| {
            (from_gateway(f) && f[2] == on.address && f[6] == "I").then(|| {
                (f[1], f[2], f[4]) = ("10.13.100.200".to_owned(), on.node.clone(), "22".to_owned());
            })
        }),
        Fault::NodeHourWithoutLogs => {
            let latest = capture.files.keys().filter(|path| path.contains("6045BD12AB35")).max().cloned();
            latest.and_then(|path| capture.files.remove(&path));
        }
        Fault::LogsOfDenialsOnly => tuples(capture, &mut |f, _| (f[7] != "D").then_some(false)),
        _ => return false,
    }
    true
}
