//! The metrics, their descriptions and the guide agree.

#![allow(clippy::expect_used, clippy::panic)]

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use jiff::Timestamp;
use masthead_telemetry::{DESCRIPTIONS, Exporter, Supervisor, Task, TaskRegistry};

const GUIDE: &str = include_str!("../../../docs/src/monitoring.md");

async fn exported() -> String {
    let registry = Arc::new(TaskRegistry::default());
    let mut supervisor = Supervisor::new(Arc::clone(&registry));
    supervisor.start(Task::new("refresh", Duration::from_secs(1), || async {
        Ok::<_, std::io::Error>(())
    }));
    tokio::task::yield_now().await;
    Exporter::sample(&registry, Timestamp::now()).expect("metrics")
}

/// The names in `# TYPE` lines, each with its type.
fn types(text: &str) -> BTreeSet<(String, String)> {
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    types.map(|(name, kind)| (name.to_owned(), kind.to_owned())).collect()
}

#[tokio::test]
async fn every_metric_is_exported_as_described() {
    let described = DESCRIPTIONS.iter().map(|description| {
        (description.name.to_owned(), format!("{:?}", description.kind).to_lowercase())
    });
    let text = exported().await;
    assert_eq!(types(&text), described.collect());
    for description in DESCRIPTIONS {
        assert!(text.contains(&format!("# HELP {} {}", description.name, description.help)));
    }
}

#[tokio::test]
async fn the_guide_names_exactly_the_exported_metrics() {
    let documented: BTreeSet<(String, String)> = GUIDE
        .lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix("| `masthead_")?.split(" | ");
            let name = format!("masthead_{}", cells.next()?.trim_end_matches('`'));
            Some((name, cells.next()?.trim().to_owned()))
        })
        .collect();
    assert_eq!(documented, types(&exported().await));
}
