//! The site, as the desk knows it: to look, and to act.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::{Timestamp, civil::Date};
use masthead_access::{Allowance, ArticleId, message::Message};
use masthead_billing::staff_actions::{EntryError, PaidHow};
use masthead_circulation::{
    Account, AccountId, EmailAddress, Money, Offer, StaffActor, SubscriptionId,
};
use masthead_desk::{House, Named, Refused, Showroom};
use masthead_editorial::{Front as Arrangement, Piece, Section};
use masthead_publication::listing::{ArticleSummary, Choice};
use masthead_publication::preview::{MeterStatus, Preview, PreviewAs};
use masthead_site::Site;

/// The site, as the desk knows it.
pub struct Front(pub Arc<Site>);

#[async_trait]
impl Showroom for Front {
    fn latest(&self, most: usize) -> Vec<(String, String)> {
        pairs(self.0.snapshot().latest_articles(most))
    }

    fn sections(&self) -> Vec<Section> {
        self.0.snapshot().sections()
    }

    fn named(&self, id: ArticleId) -> Option<Named> {
        self.0.snapshot().article(id).map(named)
    }

    fn messages(&self) -> Vec<Message> {
        self.0.snapshot().publication.messages.iter().cloned().collect()
    }

    fn offers(&self) -> Vec<(String, String)> {
        pairs(self.0.snapshot().all_offers())
    }

    async fn said(&self, message: &Message) -> Result<Option<Vec<u8>>, String> {
        self.0.previews.of_message(message).await.map_err(|error| error.to_string())
    }

    async fn written_with(&self, words: &str, most: usize) -> Vec<ArticleId> {
        self.0.search_index.find_for_staff(words, most).await
    }

    fn article_at(&self, address: &str) -> Option<Named> {
        self.0.snapshot().article_at(address).map(named)
    }

    fn topics(&self) -> Vec<(String, String)> {
        pairs(self.0.snapshot().topics())
    }

    fn arranged(&self, front: &Arrangement) -> Result<Option<Vec<u8>>, String> {
        self.0.previews.of_front(front).map_err(|error| error.to_string())
    }

    fn cost(&self, offer: &Offer) -> String {
        self.0.snapshot().offer_cost(offer)
    }

    fn money(&self, money: Money) -> String {
        self.0.snapshot().rates().money(money)
    }

    fn offered(&self, offer: &Offer) -> Result<Vec<u8>, String> {
        self.0
            .snapshot()
            .offers_preview(offer, self.0.live.now())
            .map_err(|error| error.to_string())
    }

    fn meter(&self) -> (Allowance, Allowance, Date) {
        let snapshot = self.0.snapshot();
        let allowances = snapshot.publication.policy.allowances;
        let opened = snapshot.window_opened_on(self.0.live.now());
        (allowances.anonymous, allowances.registered, opened)
    }

    fn names(&self) -> (Vec<String>, Vec<String>) {
        let snapshot = self.0.snapshot();
        let topics = snapshot.topics().into_iter().map(|topic| topic.name).collect();
        (snapshot.author_names(), topics)
    }

    fn products(&self) -> Vec<(String, String)> {
        pairs(self.0.snapshot().products())
    }

    async fn preview(
        &self,
        id: ArticleId,
        piece: Piece,
        viewer: &PreviewAs,
    ) -> Result<Option<Preview>, String> {
        self.0.previews.of_piece(id, piece, viewer).await.map_err(|error| error.to_string())
    }

    async fn refresh(&self) {
        // What fails here is tried again a moment later, and told of in the log.
        let _ = self.0.refresh().await;
    }

    async fn seen(&self, address: &str, viewer: &PreviewAs) -> Result<Option<Preview>, String> {
        self.0.previews.at_address(address, viewer).await.map_err(|error| error.to_string())
    }

    async fn stands(&self, account: AccountId) -> Result<MeterStatus, String> {
        self.0.previews.meter_status(account).await.map_err(|error| error.to_string())
    }
}

#[async_trait]
impl House for Front {
    fn prices(&self) -> Vec<(String, String)> {
        pairs(self.0.snapshot().prices())
    }

    async fn reset_meter(&self, reader: &Account, helper: StaffActor) -> Result<(), Refused> {
        self.0.billing.reset_meter(reader, &helper).await.map_err(Refused::failed)
    }

    async fn cancel(
        &self,
        subscription: SubscriptionId,
        helper: StaffActor,
    ) -> Result<(), Refused> {
        self.0
            .billing
            .enter_cancellation(subscription, Some(helper))
            .await
            .map(|_| ())
            .map_err(refused)
    }

    async fn refund(
        &self,
        reader: &Account,
        payment: u32,
        amount: &str,
        helper: StaffActor,
    ) -> Result<(), Refused> {
        self.0.billing.refund(reader, payment, amount, helper).await.map_err(refused)
    }

    async fn prolong(
        &self,
        subscription: SubscriptionId,
        ends: Timestamp,
        helper: StaffActor,
    ) -> Result<(), Refused> {
        self.0
            .billing
            .prolong_trial(subscription, ends, Some(helper))
            .await
            .map(|_| ())
            .map_err(refused)
    }

    async fn give(
        &self,
        reader: &EmailAddress,
        price: &str,
        until: Option<Timestamp>,
        helper: StaffActor,
    ) -> Result<(), Refused> {
        let how = PaidHow::Free(until);
        let given = self.0.billing.enter_subscription(reader, price, how, Some(helper)).await;
        given.map(|_| ()).map_err(refused)
    }
}

fn pairs(choices: Vec<Choice>) -> Vec<(String, String)> {
    choices.into_iter().map(|choice| (choice.slug, choice.name)).collect()
}

fn named(of: ArticleSummary) -> Named {
    let ArticleSummary { headline, address, section, authors, is_sponsored } = of;
    Named { headline, address, section, authors, is_sponsored }
}

fn refused(error: EntryError) -> Refused {
    match error {
        EntryError::Failed(error) => Refused::failed(error),
        told => Refused::Told(format!("Nothing was changed: {told}.")),
    }
}
