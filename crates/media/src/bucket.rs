//! Media storage in an S3-compatible bucket.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use http_body_util::BodyExt;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use object_store::{
    ClientOptions, ObjectStore, RetryConfig,
    aws::AmazonS3Builder,
    client::{
        HttpClient, HttpConnector as Connector, HttpError, HttpErrorKind, HttpRequest,
        HttpRequestBody, HttpResponse, HttpResponseBody, HttpService,
    },
};

/// The timeout of one request, long enough for uploading 30 MB.
const TIMEOUT: Duration = Duration::from_mins(1);
/// How often a transient failure is retried, and for how long at most.
const MAX_RETRIES: usize = 2;
const RETRY_TIMEOUT: Duration = Duration::from_secs(10);

/// Content types by file extension.
const CONTENT_TYPES: [(&str, &str); 7] = [
    ("avif", "image/avif"),
    ("gif", "image/gif"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("png", "image/png"),
    ("svg", "image/svg+xml"),
    ("webp", "image/webp"),
];

/// A bucket and its credentials.
#[derive(Clone)]
pub struct Bucket {
    /// The name of the bucket.
    pub name: String,
    /// The URL of the store, such as `https://s3.example.org`, or `None` for Amazon S3.
    pub endpoint: Option<String>,
    /// The region.
    pub region: String,
    /// The access key id.
    pub access_key: String,
    /// The secret access key.
    pub secret_key: String,
}

/// The error for invalid bucket settings.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct BucketError(#[from] object_store::Error);

impl Bucket {
    /// Opens the bucket. Sends no request yet.
    pub(crate) fn open(&self) -> Result<Arc<dyn ObjectStore>, BucketError> {
        let retries = RetryConfig {
            max_retries: MAX_RETRIES,
            retry_timeout: RETRY_TIMEOUT,
            ..RetryConfig::default()
        };
        // The content types are for clients that read the bucket directly.
        let kinds = CONTENT_TYPES.iter().fold(ClientOptions::new(), |options, (ending, kind)| {
            options.with_content_type_for_suffix(*ending, *kind)
        });
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&self.name)
            .with_region(&self.region)
            .with_access_key_id(&self.access_key)
            .with_secret_access_key(&self.secret_key)
            .with_retry(retries)
            .with_client_options(kinds)
            .with_http_connector(S3Connector);
        if let Some(endpoint) = &self.endpoint {
            builder = builder.with_endpoint(endpoint).with_allow_http(true);
        }
        Ok(Arc::new(builder.build()?))
    }
}

#[derive(Debug)]
struct S3Connector;

impl Connector for S3Connector {
    fn connect(&self, _options: &ClientOptions) -> object_store::Result<HttpClient> {
        let connector =
            HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().build();
        Ok(HttpClient::new(S3Client(Client::builder(TokioExecutor::new()).build(connector))))
    }
}

/// The HTTP client for requests to the store.
#[derive(Debug)]
struct S3Client(Client<HttpsConnector<HttpConnector>, HttpRequestBody>);

#[async_trait]
impl HttpService for S3Client {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let asked = tokio::time::timeout(TIMEOUT, self.0.request(request)).await;
        let answer = asked.map_err(|error| HttpError::new(HttpErrorKind::Timeout, error))?;
        let answer = answer.map_err(|error| {
            let is_new = error.is_connect();
            let kind = if is_new { HttpErrorKind::Connect } else { HttpErrorKind::Request };
            HttpError::new(kind, error)
        })?;
        Ok(answer.map(|body| {
            let interrupted = |error| HttpError::new(HttpErrorKind::Interrupted, error);
            HttpResponseBody::new(body.map_err(interrupted))
        }))
    }
}
