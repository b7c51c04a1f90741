//! A store that speaks S3, to talk to: the double `moto`.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, StatusCode, header::AUTHORIZATION};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};

use crate::python::Program;

/// Anything that looks like a key.
const KEY: &str = "AWS4-HMAC-SHA256 Credential=key/20270203/us-east-1/s3/aws4_request";

/// A store with one bucket in it, for one test. It believes every key.
pub struct BucketDouble {
    endpoint: String,
    client: Client<HttpConnector, Full<Bytes>>,
    program: Program,
}

impl Drop for BucketDouble {
    /// Who drops it wants a store that is down from then on.
    fn drop(&mut self) {
        self.program.end();
    }
}

impl BucketDouble {
    /// The bucket's name.
    pub const NAME: &str = "the-paper";

    /// Starts it.
    pub async fn start() -> Self {
        let port = super::postgres::free_port().to_string();
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

    /// Where the store is.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// What the bucket holds under a name; none where it holds nothing.
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
