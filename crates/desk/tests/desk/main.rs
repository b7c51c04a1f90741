//! What the desk promises, asked through its real router.

#![allow(clippy::expect_used, clippy::panic)]

mod experiments;
mod figures;
mod fronts;
mod joining;
mod messages;
mod meter;
mod newsroom;
mod offers;
mod people;
mod products;
mod reader_view;
mod readers;
mod routes;
mod sections;
mod support_actions;
mod tasks;

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicI64, Ordering},
};

use async_trait::async_trait;
use axum::{Router, body::Body, response::Response};
use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use masthead_access::{
    Allowance, Article, ArticleId, Experiment, Policy, Reader, Reads, Standing, decide,
    message::{Message, Messages},
    token::Keyring,
};
use masthead_circulation::{
    Account, AccountId, Catalogue, EmailAddress, Money, Offer, Secret, Session, StaffActor,
    SubscriptionId,
    staff::{Invitation, Role},
};
use masthead_desk::{Desk, Foundations, Helm, Imprint, Named, Refused, Showroom, Steered};
use masthead_editorial::{Front, Piece, Section, SectionStyle, TeaserLength};
use masthead_media::MediaLibrary;
use masthead_publication::preview::{CountedArticle, MeterStatus, Preview, PreviewAs};
use masthead_store::{Location, Store, Written};
use masthead_web::cookies::Cookies;
use tower::ServiceExt;

const ADDRESS: &str = "http://paper.example";

/// A site with one article, and nothing on it but who looks.
struct OneArticle;

#[async_trait]
impl Showroom for OneArticle {
    fn latest(&self, most: usize) -> Vec<(String, String)> {
        vec![("/town/bridge".to_owned(), "The <bridge>".to_owned()); most.min(1)]
    }

    fn sections(&self) -> Vec<Section> {
        vec![Section { slug: "town".to_owned(), name: "Town".to_owned() }]
    }

    fn named(&self, id: ArticleId) -> Option<Named> {
        (id == ArticleId(1)).then(|| Named {
            headline: "The <bridge>".to_owned(),
            address: "/town/bridge".to_owned(),
            section: "Town".to_owned(),
            authors: vec!["Ada Quill".to_owned()],
            is_sponsored: false,
        })
    }

    async fn written_with(&self, words: &str, _: usize) -> Vec<ArticleId> {
        if words == "treasure" { vec![ArticleId(1)] } else { Vec::new() }
    }

    fn article_at(&self, address: &str) -> Option<Named> {
        let of = self.named(ArticleId(1))?;
        match address {
            "/town/bridge" | "/old/bridge" => Some(of),
            "/town/paid" => Some(Named {
                address: address.to_owned(),
                headline: "Paid".to_owned(),
                is_sponsored: true,
                ..of
            }),
            _ => None,
        }
    }

    fn topics(&self) -> Vec<(String, String)> {
        vec![("tides".to_owned(), "Tides".to_owned())]
    }

    fn arranged(&self, front: &Front) -> Result<Option<Vec<u8>>, String> {
        Ok(Some(format!("<p>Arranged: {front:?}</p>").into_bytes()))
    }

    fn messages(&self) -> Vec<Message> {
        Messages::default().iter().cloned().collect()
    }

    fn offers(&self) -> Vec<(String, String)> {
        vec![("winter".to_owned(), "Winter".to_owned())]
    }

    async fn said(&self, message: &Message) -> Result<Option<Vec<u8>>, String> {
        Ok(Some(format!("<p>Said: {}</p>", message.text.source()).into_bytes()))
    }

    fn cost(&self, offer: &Offer) -> String {
        format!("{} for {}", offer.introduction.amount, offer.introduction.lasts)
    }

    fn money(&self, money: Money) -> String {
        money.to_string()
    }

    fn offered(&self, offer: &Offer) -> Result<Vec<u8>, String> {
        Ok(format!("<p>Offered: {offer:?}</p>").into_bytes())
    }

    fn meter(&self) -> (Allowance, Allowance, Date) {
        (
            Allowance::Articles(3),
            Allowance::Articles(5),
            at(1_800_000_000).to_zoned_datetime(TimeZone::UTC).date().first_of_month(),
        )
    }

    fn names(&self) -> (Vec<String>, Vec<String>) {
        (vec!["Ada Quill".to_owned()], vec!["Bridges".to_owned()])
    }

    async fn preview(
        &self,
        _: ArticleId,
        piece: Piece,
        viewer: &PreviewAs,
    ) -> Result<Option<Preview>, String> {
        let seen = self.seen("/town/bridge", viewer).await?;
        Ok(seen.map(|seen| Preview { page: piece.body.into_bytes(), ..seen }))
    }

    async fn refresh(&self) {}

    fn products(&self) -> Vec<(String, String)> {
        vec![("gold".to_owned(), "Gold".to_owned())]
    }

    async fn seen(&self, address: &str, viewer: &PreviewAs) -> Result<Option<Preview>, String> {
        let wanted = match address {
            "/town/bridge" => format!("<p>Seen by {viewer:?}</p>"),
            "/town/broken" => return Err("the theme is broken".to_owned()),
            _ => return Ok(None),
        };
        let (reads, now) = (Reads::default(), at(1_800_000_000));
        let policy = Policy::new(TimeZone::UTC);
        let article = Article::plain(1, now);
        let decision = decide(&policy, &Reader::anonymous(&reads), &article, now);
        Ok(Some(Preview {
            headline: "The <bridge>".to_owned(),
            address: address.to_owned(),
            trace: decision.trace.explain(&decision, &policy),
            decision,
            moments: vec!["meter.left"],
            placements: vec!["banner"],
            page: wanted.into_bytes(),
        }))
    }

    async fn stands(&self, _: AccountId) -> Result<MeterStatus, String> {
        let counted = CountedArticle {
            at: at(1_800_000_000),
            headline: "The <bridge>".to_owned(),
            address: "/town/bridge".to_owned(),
        };
        Ok(MeterStatus {
            standing: Standing::Registered,
            allowance: Some(Allowance::Articles(5)),
            counted: vec![counted],
        })
    }
}

/// What was asked to be done for readers, in words.
#[derive(Default)]
struct Deeds(Mutex<Vec<String>>);

impl Deeds {
    fn done(&self, what: String) {
        self.0.lock().expect("deeds").push(what);
    }

    fn all(&self) -> Vec<String> {
        self.0.lock().expect("deeds").clone()
    }
}

#[async_trait]
impl masthead_desk::House for Deeds {
    fn prices(&self) -> Vec<(String, String)> {
        vec![("web".to_owned(), "The Paper online, £8 a month".to_owned())]
    }

    async fn reset_meter(&self, reader: &Account, helper: StaffActor) -> Result<(), Refused> {
        self.done(format!(
            "{} reset for {}: {}",
            reader.email,
            helper.by.map_or(0, |by| by.0),
            helper.reason
        ));
        Ok(())
    }

    async fn cancel(
        &self,
        subscription: SubscriptionId,
        helper: StaffActor,
    ) -> Result<(), Refused> {
        self.done(format!("S-{} cancelled: {}", subscription.0, helper.reason));
        Ok(())
    }

    async fn refund(
        &self,
        reader: &Account,
        payment: u32,
        amount: &str,
        helper: StaffActor,
    ) -> Result<(), Refused> {
        let (reader, why) = (&reader.email, helper.reason);
        self.done(format!("{amount} of payment {payment} paid back to {reader}: {why}"));
        Ok(())
    }

    async fn prolong(
        &self,
        subscription: SubscriptionId,
        ends: Timestamp,
        helper: StaffActor,
    ) -> Result<(), Refused> {
        self.done(format!("S-{} lasts until {ends}: {}", subscription.0, helper.reason));
        Ok(())
    }

    async fn give(
        &self,
        reader: &EmailAddress,
        price: &str,
        until: Option<Timestamp>,
        helper: StaffActor,
    ) -> Result<(), Refused> {
        match price {
            "web" => self.done(format!("{price} for {reader} until {until:?}: {}", helper.reason)),
            "broken" => return Err(Refused::failed("the disk is full")),
            _ => {
                let fault = "Nothing was changed: there is no such price.";
                return Err(Refused::Told(fault.to_owned()));
            }
        }
        Ok(())
    }
}

/// A meter that is set in the database alone.
struct Tiller(Store, Mutex<Vec<Front>>, Catalogue, Arc<Mutex<Option<Experiment>>>);

#[async_trait]
impl Helm for Tiller {
    fn policy(&self) -> (Policy, TeaserLength) {
        (Policy::new(TimeZone::UTC), TeaserLength::Paragraphs(2))
    }

    fn messages(&self) -> Result<Vec<Message>, Refused> {
        Ok(Vec::new())
    }

    fn experiment(&self) -> Option<Experiment> {
        self.3.lock().expect("an experiment").clone()
    }

    fn catalogue(&self) -> Catalogue {
        self.2.clone()
    }

    fn grace(&self) -> SignedDuration {
        SignedDuration::from_hours(36)
    }

    fn sections(&self) -> Vec<SectionStyle> {
        let style = |slug: &str, name: &str| SectionStyle {
            slug: slug.to_owned(),
            name: name.to_owned(),
            description: String::new(),
            color: String::new(),
        };
        vec![style("town", "Town"), style("sport", "Sport")]
    }

    fn fronts(&self) -> Vec<Front> {
        self.1.lock().expect("fronts").clone()
    }

    async fn set(
        &self,
        part: Steered,
        version: i32,
        text: String,
        when: (AccountId, Timestamp),
    ) -> Result<Written, Refused> {
        self.0.set(part.name(), version, &text, when).await.map_err(Refused::failed)
    }
}

/// A desk, and the clock by which it lives.
struct House {
    router: Router,
    store: Store,
    clock: Arc<AtomicI64>,
    deeds: Arc<Deeds>,
    experiment: Arc<Mutex<Option<Experiment>>>,
    tasks: Arc<masthead_telemetry::TaskRegistry>,
    _folder: tempfile::TempDir,
}

impl House {
    async fn open() -> Self {
        let folder = tempfile::tempdir().expect("a directory");
        let location = Location::Sqlite(folder.path().join("masthead.db"));
        Self::at(&location, folder).await
    }

    async fn open_on_postgres() -> Self {
        let folder = tempfile::tempdir().expect("a directory");
        Self::at(&Location::Postgres(masthead_test_support::postgres::database()), folder).await
    }

    async fn at(location: &Location, folder: tempfile::TempDir) -> Self {
        let store = Store::open(location).await.expect("a database");
        let store = store.with_keys(&Keyring::generate(&mut rand::rng()));
        let clock = Arc::new(AtomicI64::new(1_800_000_000));
        let tells = Arc::clone(&clock);
        let deeds = Arc::new(Deeds::default());
        let experiment: Arc<Mutex<Option<Experiment>>> = Arc::default();
        let tasks = Arc::default();
        let imprint = || Imprint {
            name: "The Paper".to_owned(),
            address: ADDRESS.to_owned(),
            zone: TimeZone::UTC,
        };
        let desk = Desk::new(Foundations {
            store: store.clone(),
            imprint: Arc::new(imprint),
            showroom: Arc::new(OneArticle),
            house: Arc::clone(&deeds) as Arc<dyn masthead_desk::House>,
            helm: Arc::new(Tiller(
                store.clone(),
                Mutex::default(),
                offers::catalogue(),
                Arc::clone(&experiment),
            )),
            media_library: Arc::new(MediaLibrary::in_folder(folder.path()).expect("a folder")),
            cookies: Cookies::new(false),
            clock: Arc::new(move || at(tells.load(Ordering::SeqCst))),
            outbox_wakeup: Arc::default(),
            tasks: Arc::clone(&tasks),
        });
        Self {
            router: masthead_desk::routes::router(&desk),
            store,
            clock,
            deeds,
            experiment,
            tasks,
            _folder: folder,
        }
    }

    fn now(&self) -> Timestamp {
        at(self.clock.load(Ordering::SeqCst))
    }

    fn wait(&self, time: SignedDuration) {
        self.clock.fetch_add(time.as_secs(), Ordering::SeqCst);
    }

    /// The link of an invitation that was not sent.
    async fn link(&self, to: Option<&str>, role: Role) -> String {
        let secret = Secret::generate(&mut rand::rng());
        let invitation = Invitation {
            key: secret.digest(),
            email: to.map(email),
            role,
            by: None,
            at: self.now(),
        };
        self.store.invite(&invitation, &[]).await.expect("invited");
        format!("/desk/join/{secret}")
    }

    /// Somebody who works here, and the cookie with which they come.
    async fn staff(&self, at: &str, role: Role) -> (Account, String) {
        let link = self.link(Some(at), role).await;
        let answer = self.post(&link, "", "name=").await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        let account = self.store.account_at(&email(at)).await.expect("asked").expect("joined");
        (account, cookie(&answer))
    }

    /// A reader who is signed in.
    async fn reader(&self, at: &str) -> String {
        let (account, _) = self.store.register(&email(at), self.now()).await.expect("registered");
        let secret = Secret::generate(&mut rand::rng());
        let (key, now) = (secret.digest(), self.now());
        let session =
            Session { key, account: account.id, device: String::new(), begun: now, seen: now };
        self.store.create_session(&session).await.expect("signed in");
        format!("masthead-session={secret}")
    }

    async fn get(&self, path: &str, cookie: &str) -> Response {
        self.send(Request::get(path).header(header::COOKIE, cookie), Body::empty()).await
    }

    async fn post(&self, path: &str, cookie: &str, form: &str) -> Response {
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, Body::from(form.to_owned())).await
    }

    async fn send(&self, request: http::request::Builder, body: Body) -> Response {
        let request = request.body(body).expect("a request");
        self.router.clone().oneshot(request).await.expect("an answer")
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).expect("an instant")
}

fn email(text: &str) -> EmailAddress {
    text.parse().expect("an address")
}

/// The cookie that an answer sets, as it is sent back.
fn cookie(answer: &Response) -> String {
    let set = answer.headers()[header::SET_COOKIE].to_str().expect("text");
    set.split(';').next().expect("a pair").to_owned()
}

fn leads_to(answer: &Response) -> &str {
    answer.headers().get(header::LOCATION).map_or("", |to| to.to_str().expect("text"))
}

async fn text(answer: Response) -> String {
    let body = answer.into_body().collect().await.expect("a body").to_bytes();
    String::from_utf8(body.to_vec()).expect("UTF-8")
}
