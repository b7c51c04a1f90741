//! The HTTP client for requests to an ACME server.

use std::{future::Future, path::Path, pin::Pin, sync::Arc, time::Duration};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, ResponseFuture, connect::HttpConnector},
    rt::TokioExecutor,
};
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};

use crate::error::AcmeError;

/// The maximum time for a request and its response.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The maximum size of a response, in bytes: several times that of a certificate chain.
const MAX_RESPONSE: usize = 1024 * 1024;

/// Requests over https, to servers that browsers trust or that one authority has signed.
pub(crate) struct AcmeClient(Client<HttpsConnector<HttpConnector>, BodyWrapper<Bytes>>);

impl AcmeClient {
    /// A client that trusts the authority in the file, or without one those that browsers know.
    pub(crate) fn new(authority: Option<&Path>) -> Result<Self, AcmeError> {
        let provider = Arc::new(ring::default_provider());
        let crypto = |error: rustls::Error| AcmeError::Crypto(error.to_string());
        let builder = HttpsConnectorBuilder::new();
        let builder = match authority {
            None => builder.with_provider_and_webpki_roots(provider).map_err(crypto)?,
            Some(file) => {
                let config = ClientConfig::builder_with_provider(provider)
                    .with_safe_default_protocol_versions()
                    .map_err(crypto)?
                    .with_root_certificates(read_authority(file)?)
                    .with_no_client_auth();
                builder.with_tls_config(config)
            }
        };
        let connector = builder.https_only().enable_http1().build();
        Ok(Self(Client::builder(TokioExecutor::new()).build(connector)))
    }
}

fn read_authority(file: &Path) -> Result<RootCertStore, AcmeError> {
    let malformed = |reason: String| AcmeError::Malformed { path: file.to_owned(), reason };
    let pem =
        std::fs::read(file).map_err(|error| AcmeError::File { path: file.to_owned(), error })?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| malformed(error.to_string()))?;
        roots.add(certificate).map_err(|error| malformed(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(malformed("no certificate in PEM".to_owned()));
    }
    Ok(roots)
}

impl HttpClient for AcmeClient {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let response = self.0.request(request);
        Box::pin(async move {
            match tokio::time::timeout(TIMEOUT, read(response)).await {
                Ok(response) => response,
                Err(late) => Err(Error::Other(late.into())),
            }
        })
    }
}

async fn read(response: ResponseFuture) -> Result<BytesResponse, Error> {
    let response = response.await.map_err(|error| Error::Other(error.into()))?;
    let (parts, body) = response.into_parts();
    let body = Limited::new(body, MAX_RESPONSE).collect().await.map_err(Error::Other)?;
    Ok(BytesResponse { parts, body: Box::new(body.to_bytes()) })
}
