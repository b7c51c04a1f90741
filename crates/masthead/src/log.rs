//! The log on standard error and, with the feature `otlp`, the export of spans.

use std::io::IsTerminal;

use masthead_settings::LogFormat;
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    fmt::{self, MakeWriter},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use crate::{invocation::LiteralStderr, visible::OneLineFields};

/// The default filter if `RUST_LOG` is not set. The driver warns of parameters in the database's URL that it does not know, with their
/// values, which may be passwords. What the pool says of slow connections names no cause; tasks and requests that wait for one do.
const DEFAULT_FILTER: &str = "info,sqlx=warn,sqlx::pool::acquire=error,sqlx_postgres::options=error,sea_orm_migration=warn,notify=warn";

type BoxedLayer = Box<dyn Layer<Registry> + Send + Sync>;

/// Starts the log, filtered by `RUST_LOG`.
pub fn start(format: LogFormat) {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
    let lines = lines(format, filter, || LiteralStderr, std::io::stderr().is_terminal());
    tracing_subscriber::registry()
        .with(vec![lines].into_iter().chain(spans()).collect::<Vec<_>>())
        .init();
}

/// Writes each event as one line, with colours if it `is_terminal`.
fn lines<W>(format: LogFormat, filter: EnvFilter, writer: W, is_terminal: bool) -> BoxedLayer
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let lines = fmt::layer().with_writer(writer).with_ansi(is_terminal);
    match format {
        LogFormat::Text => lines.fmt_fields(OneLineFields).with_filter(filter).boxed(),
        LogFormat::Json => lines.json().with_filter(filter).boxed(),
    }
}

/// Exports spans to the collector in `OTEL_EXPORTER_OTLP_ENDPOINT`; `None` if there is none.
#[cfg(feature = "otlp")]
fn spans() -> Option<BoxedLayer> {
    use opentelemetry::trace::TracerProvider;
    use opentelemetry_otlp::SpanExporter;
    use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};

    std::env::var_os("OTEL_EXPORTER_OTLP_ENDPOINT")?;
    match SpanExporter::builder().with_http().build() {
        Ok(exporter) => {
            let provider = SdkTracerProvider::builder()
                .with_batch_exporter(exporter)
                .with_resource(Resource::builder().with_service_name("masthead").build())
                .build();
            let spans = tracing_opentelemetry::layer().with_tracer(provider.tracer("masthead"));
            Some(spans.with_filter(EnvFilter::new("off,masthead=info,masthead_billing=info,masthead_mail=info,masthead_store=info")).boxed())
        }
        Err(error) => {
            // The log has not started yet.
            crate::output::print_error(format_args!("masthead: spans are not exported: {error}"));
            None
        }
    }
}

/// A build without the feature exports none.
#[cfg(not(feature = "otlp"))]
fn spans() -> Option<BoxedLayer> {
    None
}

#[cfg(test)]
mod tests {
    use masthead_test_support::captured::Captured;

    use super::*;

    /// What is logged of an error that another server has written.
    fn logged(format: LogFormat) -> String {
        let captured = Captured::default();
        let writer = captured.clone();
        let lines = lines(format, EnvFilter::new("info"), move || writer.clone(), false);
        let error = "no\n2026-11-27T00:00:00Z  INFO security: sign-in account=1\u{1b}[31m\u{9b}31m";
        tracing::subscriber::with_default(tracing_subscriber::registry().with(lines), || {
            let span = tracing::info_span!("order", name = %error);
            span.in_scope(|| tracing::error!(%error, attempt = 2, "acme: order refused, {error}"));
        });
        captured.text()
    }

    #[test]
    fn what_another_server_says_stays_within_its_line() {
        for format in [LogFormat::Text, LogFormat::Json] {
            let text = logged(format);
            assert_eq!(text.lines().count(), 1, "{text:?}");
            assert!(!text.contains('\u{1b}'), "{text:?}");
            assert!(text.contains("attempt") && text.contains("account=1"), "{text:?}");
        }
        let text = logged(LogFormat::Text);
        assert!(text.contains(r"refused, no\n2026") && !text.contains('\u{9b}'), "{text:?}");
    }
}
