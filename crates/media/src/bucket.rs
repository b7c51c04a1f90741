//! A bucket of a store that speaks S3, which is Amazon's and many others'.

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

/// How long a store may take for one answer: a picture of 30 MB has to get there first.
const PATIENCE: Duration = Duration::from_mins(1);
/// What fails in passing is tried again this often, and no longer than this: somebody waits.
const RETRIES: usize = 2;
const RETRIED_FOR: Duration = Duration::from_secs(10);

/// What the endings of files stand for.
const KINDS: [(&str, &str); 7] = [
    ("avif", "image/avif"),
    ("gif", "image/gif"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("png", "image/png"),
    ("svg", "image/svg+xml"),
    ("webp", "image/webp"),
];

/// A bucket, and how to get into it.
#[derive(Clone)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Where the store is, such as `https://s3.example.org`; none for Amazon's.
    pub endpoint: Option<String>,
    /// The store's region.
    pub region: String,
    /// The key's name.
    pub access_key: String,
    /// The key.
    pub secret_key: String,
}

/// What is said of a bucket is nonsense.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct BucketError(#[from] object_store::Error);

impl Bucket {
    /// Opens it. Nothing is asked of it yet.
    pub(crate) fn open(&self) -> Result<Arc<dyn ObjectStore>, BucketError> {
        let retries = RetryConfig {
            max_retries: RETRIES,
            retry_timeout: RETRIED_FOR,
            ..RetryConfig::default()
        };
        // For whoever reads the bucket by other ways.
        let kinds = KINDS.iter().fold(ClientOptions::new(), |options, (ending, kind)| {
            options.with_content_type_for_suffix(*ending, *kind)
        });
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&self.name)
            .with_region(&self.region)
            .with_access_key_id(&self.access_key)
            .with_secret_access_key(&self.secret_key)
            .with_retry(retries)
            .with_client_options(kinds)
            .with_http_connector(Messengers);
        if let Some(endpoint) = &self.endpoint {
            builder = builder.with_endpoint(endpoint).with_allow_http(true);
        }
        Ok(Arc::new(builder.build()?))
    }
}

#[derive(Debug)]
struct Messengers;

impl Connector for Messengers {
    fn connect(&self, _options: &ClientOptions) -> object_store::Result<HttpClient> {
        let connector =
            HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().build();
        Ok(HttpClient::new(Messenger(Client::builder(TokioExecutor::new()).build(connector))))
    }
}

/// Asks the store.
#[derive(Debug)]
struct Messenger(Client<HttpsConnector<HttpConnector>, HttpRequestBody>);

#[async_trait]
impl HttpService for Messenger {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let asked = tokio::time::timeout(PATIENCE, self.0.request(request)).await;
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
