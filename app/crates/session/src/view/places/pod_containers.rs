//! A pod's containers as its card shows them, close to.

use underlay_model::inventory::Container;

/// A line a container, as [`Entity::containers`](underlay_model::view::Entity::containers) says.
pub(super) fn lines(list: &[Container]) -> String {
    let mut lines = String::new();
    for container in list {
        if !lines.is_empty() {
            lines.push('\n');
        }
        lines.push_str(&container.name);
        lines.push('\t');
        let ports: Vec<String> = container.ports.iter().map(|(_, number, _)| number.to_string()).collect();
        lines.push_str(&ports.join(", "));
        lines.push('\t');
        if let Some(probe) = &container.readiness {
            let path = if probe.path.is_empty() { "" } else { " " };
            let on = if probe.port.is_empty() { "" } else { " on " };
            lines.push_str(&[&probe.scheme, path, &probe.path, on, &probe.port].concat());
        }
        lines.push('\t');
        let mut wrong: Vec<String> = Vec::new();
        if container.ready == Some(false) {
            wrong.push("not ready".to_owned());
        }
        if !container.state.is_empty() && container.state != "running" {
            wrong.push(container.state.clone());
        }
        if container.restarts > 0 {
            let word = if container.restarts == 1 { " restart" } else { " restarts" };
            wrong.push([&container.restarts.to_string(), word].concat());
        }
        lines.push_str(&wrong.join(", "));
    }
    lines
}
