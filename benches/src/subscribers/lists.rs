//! The newsroom's list of readers among a million accounts, and the sums of subscriptions that its figures are made of.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::{AccountId, ReaderStatus};
use masthead_store::{ReaderOrder, ReaderQuery, Store};

use crate::{BenchError, Report};

/// Readers on a page of the list.
const PAGE: u64 = 51;

pub async fn lists(report: &mut Report, store: &Store) -> Result<(), BenchError> {
    let of = |status| ReaderQuery { status: Some(status), ..ReaderQuery::default() };
    let all = ReaderQuery::default();
    let queries = [
        ("readers, first page", all.clone()),
        (
            "readers, a page in the middle",
            ReaderQuery { after: Some(AccountId(500_000)), ..all.clone() },
        ),
        ("readers in a trial", of(ReaderStatus::Trial)),
        (
            "readers in a trial, by address",
            ReaderQuery { order: ReaderOrder::Email, ..of(ReaderStatus::Trial) },
        ),
        ("readers who are past due, of whom there are none", of(ReaderStatus::PastDue)),
    ];
    for (what, query) in queries {
        let begun = Instant::now();
        std::hint::black_box(store.readers(&query, PAGE).await?);
        std::hint::black_box(store.count_readers(&query).await?);
        promise(report, what, begun.elapsed(), 300);
    }
    let text = ReaderQuery { text: "999999".into(), ..ReaderQuery::default() };
    let begun = Instant::now();
    std::hint::black_box(store.readers(&text, PAGE).await?);
    std::hint::black_box(store.count_readers(&text).await?);
    promise(report, "readers, a part of an address", begun.elapsed(), 1500);
    let bounds: Vec<Timestamp> = (0..25_i64)
        .rev()
        .map(|month| Timestamp::now() - SignedDuration::from_hours(24 * 30 * month))
        .collect();
    let begun = Instant::now();
    std::hint::black_box(store.paid_spans(&bounds).await?);
    promise(report, "revenue and cohorts of two years", begun.elapsed(), 1000);
    Ok(())
}

fn promise(report: &mut Report, what: &str, took: Duration, most: u64) {
    let kept = took < Duration::from_millis(most);
    report.promise(what, &format!("{took:.1?}"), &format!("under {most} ms"), kept);
}
