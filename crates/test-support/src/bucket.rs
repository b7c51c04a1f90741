//! A test double for S3: the Python program `moto`.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, StatusCode, header::AUTHORIZATION};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};

use crate::python::Program;

/// `moto` accepts any key.
const KEY: &str = "AWS4-HMAC-SHA256 Credential=key/20270203/us-east-1/s3/aws4_request";

/// An S3 server with one bucket, for one test. It accepts any credentials.
pub struct BucketDouble {
    endpoint: String,
    client: Client<HttpConnector, Full<Bytes>>,
    program: Program,
}

impl Drop for BucketDouble {
    /// After dropping, the store is down.
    fn drop(&mut self) {
        self.program.end();
    }
}

impl BucketDouble {
    /// The name of the bucket.
    pub const NAME: &str = "the-paper";

    /// Starts the server.
    pub async fn start() -> Self {
        let port = crate::free_port().to_string();
        let program =
            Program::start("moto", &["-m", "moto.server", "-H", "127.0.0.1", "-p", &port]);
        let double = Self {
            endpoint: format!("http://127.0.0.1:{port}"),
            client: Client::builder(TokioExecutor::new()).build_http(),
            program,
        };
        for _ in 0..400 {
            if double.ask(Method::PUT, "").await.is_some_and(|(status, _)| status.is_success()) {
                return double;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("moto did not start");
    }

    /// Returns the URL of the server.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Returns the content of an object, or `None` if there is none.
    pub async fn holds(&self, name: &str) -> Option<Bytes> {
        let (status, content) = self.ask(Method::GET, name).await.expect("an answer");
        (status == StatusCode::OK).then_some(content)
    }

    async fn ask(&self, method: Method, name: &str) -> Option<(StatusCode, Bytes)> {
        let address = format!("{}/{}/{name}", self.endpoint, Self::NAME);
        let request = Request::builder().method(method).uri(address).header(AUTHORIZATION, KEY);
        let answer = self.client.request(request.body(Full::default()).expect("a request")).await;
        let (head, body) = answer.ok()?.into_parts();
        Some((head.status, body.collect().await.ok()?.to_bytes()))
    }
}
