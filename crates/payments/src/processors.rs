//! The processors of a publication: the one that new readers pay at, and those that readers have paid at
//! before. Each request goes to the processor named by its checkout or mandate.

use std::sync::Arc;

use masthead_circulation::{Charge, Checkout, Mandate, ProcessorRefund};

use crate::{
    ChargeLog, ChargeLogError, CheckoutOutcome, CheckoutRequest, Collected, DisputeReport, Manual,
    Order, PaymentPage, PaymentRefunds, Processor, ProcessorError, RefundOutcome, RefundRequest,
    Refusal, Sandbox, sandbox,
};

/// Why processors cannot be put together.
#[derive(Debug, thiserror::Error)]
pub enum OpenProcessorError {
    /// Two have the same name.
    #[error("there are two payment processors named \"{0}\"")]
    SameName(&'static str),
}

/// Whether readers pay at the sandbox if there is no other processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SandboxAccess {
    /// They do, and nothing is collected.
    Open,
    /// They cannot pay then.
    Closed,
}

/// The processors of a publication.
pub struct Processors {
    all: Vec<Arc<dyn Processor>>,
    current: Option<Arc<dyn Processor>>,
    sandbox: Arc<Sandbox>,
    log: Arc<dyn ChargeLog>,
}

impl Processors {
    /// The sandbox and invoices, which are always there, and `others`. New readers pay at the last of
    /// these, or at the sandbox if there are none and it is open. A closed sandbox collects nothing more, and pays
    /// back what it has collected.
    ///
    /// # Errors
    ///
    /// Fails if two processors have the same name.
    pub fn new(
        log: Arc<dyn ChargeLog>,
        others: impl IntoIterator<Item = Arc<dyn Processor>>,
        access: SandboxAccess,
    ) -> Result<Self, OpenProcessorError> {
        let sandbox = Arc::new(Sandbox::new(Arc::clone(&log)));
        let practice: Arc<dyn Processor> = Arc::clone(&sandbox) as _;
        let mut current = (access == SandboxAccess::Open).then(|| Arc::clone(&practice));
        let mut all = vec![practice, Arc::new(Manual)];
        for other in others {
            if all.iter().any(|known| known.name() == other.name()) {
                return Err(OpenProcessorError::SameName(other.name()));
            }
            current = Some(Arc::clone(&other));
            all.push(other);
        }
        Ok(Self { all, current, sandbox, log })
    }

    /// The one that new readers pay at, or `None` if they cannot pay.
    pub fn current(&self) -> Option<&dyn Processor> {
        self.current.as_deref()
    }

    /// Returns whether a processor collects nothing any more: the sandbox, once readers do not pay there.
    pub fn is_closed(&self, name: &str) -> bool {
        name == sandbox::NAME && self.current().is_none_or(|current| current.name() != name)
    }

    /// The sandbox, whose payment page is the site's own.
    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// Every processor.
    pub fn all(&self) -> impl Iterator<Item = &dyn Processor> {
        self.all.iter().map(|processor| &**processor)
    }

    /// Returns the processor with this name, or `None` if the publication has no account there.
    pub fn get(&self, name: &str) -> Option<&dyn Processor> {
        self.all().find(|processor| processor.name() == name)
    }

    /// Like [`named`](Self::named), for what begins or collects a payment.
    fn open(&self, name: &str) -> Result<&dyn Processor, ProcessorError> {
        if self.is_closed(name) {
            let closed = "the sandbox is closed; set sandbox = true under [payments] to try it";
            return Err(ProcessorError::Unreachable(closed.to_owned()));
        }
        self.named(name)
    }

    /// A processor that the publication no longer has an account with does not answer.
    fn named(&self, name: &str) -> Result<&dyn Processor, ProcessorError> {
        self.get(name).ok_or_else(|| {
            ProcessorError::Unreachable(format!(
                "there is no account with \"{name}\" under [payments]"
            ))
        })
    }

    /// Whether the publication itself gives a checkout up that is never paid.
    pub fn gives_up(&self, checkout: &Checkout) -> bool {
        let closes = self.get(&checkout.processor).is_some_and(Processor::closes_checkouts);
        !closes || checkout.reference.is_empty()
    }

    /// See [`Processor::begin`].
    ///
    /// # Errors
    ///
    /// Fails as the processor does, or if there is none of that name.
    pub async fn begin(
        &self,
        request: &CheckoutRequest<'_>,
    ) -> Result<PaymentPage, ProcessorError> {
        self.open(&request.checkout.processor)?.begin(request).await
    }

    /// See [`Processor::outcome`]. A trial that asks for no card is never paid.
    ///
    /// # Errors
    ///
    /// Fails as the processor does, or if there is none of that name.
    pub async fn outcome(&self, checkout: &Checkout) -> Result<CheckoutOutcome, ProcessorError> {
        if checkout.processor.is_empty() {
            return Ok(CheckoutOutcome::Open);
        }
        self.named(&checkout.processor)?.outcome(checkout).await
    }

    /// See [`Processor::close`]. A trial that asks for no card has no payment page.
    ///
    /// # Errors
    ///
    /// Fails as the processor does, or if there is none of that name.
    pub async fn close(&self, checkout: &Checkout) -> Result<(), ProcessorError> {
        if checkout.processor.is_empty() {
            return Ok(());
        }
        self.named(&checkout.processor)?.close(checkout).await
    }

    /// See [`Processor::collect`]. An order that was answered before is answered from the log, under its
    /// present key or its former one.
    ///
    /// # Errors
    ///
    /// Fails as the processor or the log does, or if there is no processor of that name.
    pub async fn collect(&self, order: &Order) -> Result<Collected, ProcessorError> {
        let former = order.former_key.as_deref();
        for key in [Some(order.key.as_str()), former].into_iter().flatten() {
            if let Some(known) = self.log.answer(key).await.map_err(not_logged)? {
                return Ok(answered(&known));
            }
        }
        let collected = self.open(&order.mandate.processor)?.collect(order).await?;
        let paid = match collected {
            Collected::Paid => true,
            Collected::Refused(_) => false,
            // Neither is an answer that could be kept.
            Collected::Pending | Collected::AwaitingTransfer => return Ok(collected),
        };
        if order.amount.is_zero() {
            return Ok(collected);
        }
        let charge = Charge {
            key: order.key.clone(),
            account: order.account,
            reference: order.mandate.reference.clone(),
            paid,
        };
        let kept = self.log.record(&charge).await.map_err(not_logged)?;
        Ok(if kept.paid == paid { collected } else { answered(&kept) })
    }

    /// See [`Processor::current_mandate`].
    ///
    /// # Errors
    ///
    /// Fails as the processor does, or if there is none of that name.
    pub async fn current_mandate(&self, mandate: &Mandate) -> Result<Mandate, ProcessorError> {
        self.named(&mandate.processor)?.current_mandate(mandate).await
    }

    /// See [`Processor::refund`].
    ///
    /// # Errors
    ///
    /// Fails as the processor does, or if there is none of that name.
    pub async fn refund(&self, request: &RefundRequest) -> Result<(), ProcessorError> {
        self.named(&request.processor)?.refund(request).await
    }

    /// See [`Processor::refund_outcome`].
    ///
    /// # Errors
    ///
    /// Fails as the processor does, or if there is none of that name.
    pub async fn refund_outcome(
        &self,
        request: &RefundRequest,
    ) -> Result<RefundOutcome, ProcessorError> {
        self.named(&request.processor)?.refund_outcome(request).await
    }

    /// See [`Processor::refunds_of`].
    ///
    /// # Errors
    ///
    /// Fails as the processor does, or if there is none of that name.
    pub async fn refunds_of(
        &self,
        processor: &str,
        payment: &str,
    ) -> Result<PaymentRefunds, ProcessorError> {
        self.named(processor)?.refunds_of(payment).await
    }

    /// See [`Processor::refunds_of_request`].
    ///
    /// # Errors
    ///
    /// Fails as the processor does, or if there is none of that name.
    pub async fn refunds_of_request(
        &self,
        request: &RefundRequest,
    ) -> Result<Vec<ProcessorRefund>, ProcessorError> {
        self.named(&request.processor)?.refunds_of_request(request).await
    }

    /// See [`Processor::dispute`].
    ///
    /// # Errors
    ///
    /// Fails as the processor does, or if there is none of that name.
    pub async fn dispute(
        &self,
        processor: &str,
        reference: &str,
    ) -> Result<DisputeReport, ProcessorError> {
        self.named(processor)?.dispute(reference).await
    }
}

fn answered(charge: &Charge) -> Collected {
    if charge.paid { Collected::Paid } else { Collected::Refused(Refusal::Declined) }
}

/// Nothing is ordered, and no answer is acted on, that cannot be kept.
#[expect(clippy::needless_pass_by_value, reason = "it is passed to map_err")]
pub(crate) fn not_logged(error: ChargeLogError) -> ProcessorError {
    ProcessorError::Unreachable(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, sync::Mutex};

    use async_trait::async_trait;
    use http::HeaderMap;
    use jiff::Timestamp;
    use masthead_circulation::{AccountId, Money};
    use masthead_settings::PaymentsSettings;

    use super::*;
    use crate::{KINDS, WebhookError, WebhookRequest, configured, processor_keys};

    /// A log in memory.
    #[derive(Default)]
    struct MemoryLog(Mutex<HashMap<String, Charge>>);

    #[async_trait]
    impl ChargeLog for MemoryLog {
        async fn answer(&self, key: &str) -> Result<Option<Charge>, ChargeLogError> {
            Ok(self.0.lock().expect("a log").get(key).cloned())
        }

        async fn record(&self, charge: &Charge) -> Result<Charge, ChargeLogError> {
            let mut log = self.0.lock().expect("a log");
            Ok(log.entry(charge.key.clone()).or_insert_with(|| charge.clone()).clone())
        }
    }

    /// Settings with every key that is a text.
    fn every_key() -> PaymentsSettings {
        let mut keys = toml::Table::try_from(PaymentsSettings::default()).expect("a table");
        for value in keys.iter_mut().map(|(_, value)| value).filter(|value| value.is_str()) {
            *value = "key_1".into();
        }
        keys.try_into().expect("settings")
    }

    fn every_processor() -> Processors {
        let others = configured(&every_key()).expect("processors");
        assert_eq!(others.len(), KINDS.len(), "one has no text among its keys");
        let log = Arc::new(MemoryLog::default());
        Processors::new(log, others, SandboxAccess::Closed).expect("processors")
    }

    fn only_the_sandbox(access: SandboxAccess) -> Processors {
        let log = Arc::new(MemoryLog::default());
        Processors::new(log, [], access).expect("processors")
    }

    fn order(key: &str, card: &str, minor: u64) -> Order {
        let now = Timestamp::UNIX_EPOCH;
        let mandate =
            Mandate { processor: crate::sandbox::NAME.into(), reference: card.into(), card: None };
        let amount = Money::of(minor, "USD".parse().expect("a currency"));
        let account = Some(AccountId(1));
        Order {
            key: key.into(),
            former_key: None,
            account,
            mandate,
            amount,
            due: now,
            now,
            is_repeated: false,
        }
    }

    #[test]
    fn every_processor_is_built_from_the_keys_that_texts_name() {
        for kind in KINDS {
            let keys = kind.keys.iter().map(|key| ((*key).to_owned(), "key_1".into()));
            let settings: PaymentsSettings =
                keys.collect::<toml::Table>().try_into().expect("settings");
            assert!((kind.build)(&settings).expect("a processor").is_some(), "{:?}", kind.keys);
            assert!(processor_keys().contains(&kind.keys.join(" and ")));
        }
    }

    #[tokio::test]
    async fn every_processor_keeps_the_contract() {
        let processors = every_processor();
        for processor in processors.all() {
            let name = processor.name();
            assert!(
                !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase()),
                "{name}"
            );
            assert!(processors.get(name).is_some_and(|found| found.name() == name), "{name}");
            if let Some(origin) = processor.form_action() {
                assert!(
                    origin.starts_with("https://") && !origin.ends_with('/'),
                    "{name}: {origin}"
                );
            }
            if let Some(api) = processor.api() {
                assert!(api.starts_with("https://") || api == "key_1", "{name}: {api}");
            }
            // What nobody has signed is never read, whether messages are sent or not.
            let headers = HeaderMap::new();
            let request =
                WebhookRequest { headers: &headers, body: b"{}", now: Timestamp::UNIX_EPOCH };
            let expected = if processor.sends_webhooks() {
                WebhookError::Forged
            } else {
                WebhookError::NotSent
            };
            assert_eq!(processor.read_webhook(&request), Err(expected), "{name}");
        }
        let current = processors.current().map(Processor::name);
        assert_eq!(processors.all().last().map(Processor::name), current);
    }

    #[tokio::test]
    async fn an_order_is_answered_once_and_an_earlier_key_answers_it_too() {
        let processors = only_the_sandbox(SandboxAccess::Open);
        let paid = order("renewal:1", "good", 1200);
        assert_eq!(processors.collect(&paid).await.expect("answered"), Collected::Paid);
        let declined = order("renewal:1", "declined", 1200);
        assert_eq!(processors.collect(&declined).await.expect("answered"), Collected::Paid);
        let former = Order { former_key: Some("renewal:1".into()), ..order("x", "declined", 1200) };
        assert_eq!(processors.collect(&former).await.expect("answered"), Collected::Paid);
        let refused = order("y", "declined", 1200);
        let answer = processors.collect(&refused).await.expect("answered");
        assert_eq!(answer, Collected::Refused(Refusal::Declined));
    }

    #[tokio::test]
    async fn a_closed_sandbox_collects_nothing() {
        let closed = only_the_sandbox(SandboxAccess::Closed);
        assert!(closed.current().is_none());
        for processors in [closed, every_processor()] {
            assert!(processors.is_closed(crate::sandbox::NAME));
            let answer = processors.collect(&order("renewal:1", "good", 1200)).await;
            assert!(matches!(answer, Err(ProcessorError::Unreachable(_))), "{answer:?}");
        }
        let open = only_the_sandbox(SandboxAccess::Open);
        assert!(!open.is_closed(crate::sandbox::NAME));
        assert_eq!(open.current().map(Processor::name), Some(crate::sandbox::NAME));
    }

    #[test]
    fn two_processors_of_one_name_are_refused() {
        let log = Arc::new(MemoryLog::default());
        let sandbox = Sandbox::new(Arc::clone(&log) as _);
        let sandbox: Arc<dyn Processor> = Arc::new(sandbox);
        let refused = Processors::new(log, [sandbox], SandboxAccess::Open).err();
        assert!(matches!(refused, Some(OpenProcessorError::SameName("sandbox"))));
    }
}
