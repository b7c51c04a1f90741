//! The log on standard error and, with the feature `otlp`, the export of spans.

use std::io::{self, IsTerminal};

use tracing_subscriber::{
    EnvFilter, Layer, Registry, layer::SubscriberExt, util::SubscriberInitExt,
};

use masthead_settings::LogFormat;

/// The default filter if `RUST_LOG` is not set.
const DEFAULT_FILTER: &str = "info,sqlx=warn,sea_orm_migration=warn,notify=warn";

type BoxedLayer = Box<dyn Layer<Registry> + Send + Sync>;

/// Starts the log, filtered by `RUST_LOG`.
pub fn start(format: LogFormat) {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal());
    let lines: BoxedLayer = match format {
        LogFormat::Text => lines.with_filter(filter).boxed(),
        LogFormat::Json => lines.json().with_filter(filter).boxed(),
    };
    tracing_subscriber::registry()
        .with(vec![lines].into_iter().chain(spans()).collect::<Vec<_>>())
        .init();
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
            eprintln!("masthead: spans are not exported: {error}");
            None
        }
    }
}

/// A build without the feature exports none.
#[cfg(not(feature = "otlp"))]
fn spans() -> Option<BoxedLayer> {
    None
}
