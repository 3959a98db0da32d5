//! The commands that collect a capture, for bash and PowerShell, with the names of the person's own things put in.

/// The person's names; an empty one stays a variable of the shell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Of the traffic controller (AGC).
    pub gateway: String,
    /// Of the AKS cluster.
    pub cluster: String,
    /// Resource group of both.
    pub resource_group: String,
    /// Storage account of the flow logs.
    pub storage: String,
}

/// The two shells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shell {
    /// bash, zsh.
    #[default]
    Bash,
    /// PowerShell 7.
    PowerShell,
}

/// One thing to collect.
pub struct Command {
    /// Letter of the source.
    pub letter: char,
    /// What it is.
    pub what: &'static str,
    /// What it is good for.
    pub why: &'static str,
    /// A remark; may be empty.
    pub note: &'static str,
    /// Belongs to the two to begin with.
    pub first: bool,
    /// Lines for a terminal.
    pub text: String,
}

fn or(name: &str, variable: &str) -> String {
    let name = name.trim();
    if name.is_empty() { format!("${variable}") } else { quoted(name) }
}

/// Names of Azure resources need no quotes; anything else gets them, so that a pasted name cannot become a command.
fn quoted(name: &str) -> String {
    if name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')) {
        name.to_owned()
    } else {
        format!("'{}'", name.replace('\'', ""))
    }
}

/// All commands, in the order shown.
pub fn commands(names: &Names, shell: Shell) -> Vec<Command> {
    let storage = or(&names.storage, "SA");
    let group = or(&names.resource_group, "RG");
    let cluster = or(&names.cluster, "AKS");
    let gateway = or(&names.gateway, "AGC");
    // Of the controller's pods only the leader answers with data: the holder of the lease, whose name goes on behind an underscore.
    let leader = "get lease alb-controller-leader-election -o jsonpath='{.spec.holderIdentity}'";
    let health = match shell {
        Shell::Bash => format!(
            "NS=azure-alb-system; LEADER=$(kubectl -n $NS {leader} | cut -d_ -f1)\nkubectl -n $NS port-forward $LEADER \
             8000:8000 &\ncurl -s --retry 5 --retry-connrefused \"localhost:8000/backendHealth?detailed=true\" > \
             health.json"
        ),
        Shell::PowerShell => format!(
            "$NS = 'azure-alb-system'; $LEADER = (kubectl -n $NS {leader}).Split('_')[0]\nStart-Job {{ kubectl -n \
             $using:NS port-forward $using:LEADER 8000:8000 }} | Out-Null; Start-Sleep 3\nInvoke-RestMethod \
             \"localhost:8000/backendHealth?detailed=true\" | ConvertTo-Json -Depth 20 > health.json"
        ),
    };
    let next = match shell {
        Shell::Bash => " \\\n  ",
        Shell::PowerShell => " `\n  ",
    };
    vec![
        Command {
            letter: 'F',
            what: "VNet flow logs",
            why: "draw the lines: who talked, how much, denied or not",
            note: "The pattern takes hour 09 (UTC) of every day; another hour is \"*/m=11/d=20/h=14/*\".",
            first: true,
            text: format!(
                "mkdir flows; az storage blob download-batch --account-name {storage} --auth-mode login{next}-s \
                 insights-logs-flowlogflowevent -d flows --pattern \"*/h=09/*\""
            ),
        },
        Command {
            letter: 'K',
            what: "kubectl",
            why: "names every address: pod, node, service, route",
            note: "",
            first: true,
            text: "kubectl get pods,nodes,svc,endpointslices,events,gateways,httproutes -A -o json > k8s.json".to_owned(),
        },
        Command {
            letter: 'H',
            what: "Backend health",
            why: "shows what the gateway thinks of each pod",
            note: "From the leading alb-controller pod. With the AKS add-on its namespace is kube-system.",
            first: false,
            text: health,
        },
        Command {
            letter: 'K',
            what: "Gateway's own objects",
            why: "say what is configured, and whether it is in effect",
            note: "Leave out a kind that the cluster does not know.",
            first: false,
            text: "kubectl get ingresses,referencegrants,applicationloadbalancer,healthcheckpolicy,overlayextensionconfig \
                   -A -o json > agc.json"
                .to_owned(),
        },
        Command {
            letter: 'Z',
            what: "Cluster and network",
            why: "say which range is pods, which subnet is the gateway, what rules deny",
            note: "",
            first: false,
            text: format!(
                "az aks show -g {group} -n {cluster} -o json > aks.json\naz network vnet list -g {group} -o json > \
                 vnet.json\naz network nsg list -g {group} -o json > nsg.json"
            ),
        },
        Command {
            letter: 'M',
            what: "Azure Monitor metrics",
            why: "add healthy targets over time",
            note: "",
            first: false,
            text: format!(
                "az monitor metrics list -g {group} --resource-type \
                 Microsoft.ServiceNetworking/trafficControllers{next}--resource {gateway} --metrics \
                 BackendHealthyTargets --dimension BackendService -o json > metrics.json"
            ),
        },
        Command {
            letter: 'A',
            what: "AGC access log",
            why: "adds clients, status codes and times of requests",
            note: "Where a diagnostic setting of the gateway writes it to storage.",
            first: false,
            text: format!(
                "mkdir access; az storage blob download-batch --account-name {storage} --auth-mode login{next}-s \
                 insights-logs-trafficcontrolleraccesslog -d access --pattern \"*/h=09/*\""
            ),
        },
    ]
}

/// Everything as one script.
pub fn script(names: &Names, shell: Shell) -> String {
    let mut out = String::new();
    if shell == Shell::Bash {
        out.push_str("#!/usr/bin/env bash\n");
    }
    out.push_str("# Collects a capture for Underlay. Run it in an empty folder, then drop the folder on the page.\n");
    for (name, variable, meaning) in [
        (&names.resource_group, "RG", "resource group"),
        (&names.cluster, "AKS", "AKS cluster"),
        (&names.gateway, "AGC", "Application Gateway for Containers"),
        (&names.storage, "SA", "storage account of the flow logs"),
    ] {
        if name.trim().is_empty() {
            match shell {
                Shell::Bash => out.push_str(&format!("{variable}=   # {meaning}\n")),
                Shell::PowerShell => out.push_str(&format!("${variable} = ''   # {meaning}\n")),
            }
        }
    }
    for command in commands(names, shell) {
        out.push_str(&format!("\n# {} {}\n{}\n", command.what, command.why, command.text));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_put_in_and_cannot_become_commands() {
        let names = Names { storage: "logs$(rm -rf ~)".to_owned(), ..Names::default() };
        let text = &commands(&names, Shell::Bash)[0].text;
        assert!(text.contains("--account-name 'logs$(rm -rf ~)'"), "{text}");
        let empty = script(&Names::default(), Shell::Bash);
        assert!(empty.contains("SA=") && empty.contains("--account-name $SA"), "{empty}");
    }
}
