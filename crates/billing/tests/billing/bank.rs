//! A processor whose every answer the test decides, and whose books are its own. The sandbox cannot take its place: it
//! always answers, keeps its answers in the publication's own log, and never loses or withholds one.

use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use jiff::Timestamp;
use masthead_circulation::{Checkout, Mandate, Money, PaymentNumber, ProcessorRefund, RefundMark};
use masthead_payments::{
    CheckoutOutcome, CheckoutRequest, Collected, DisputeReport, ListedDispute, ListedRefund, Order,
    PaymentPage, PaymentRefunds, Processor, ProcessorError, ProcessorList, RefundOutcome,
    RefundRequest, Refusal, WebhookError, WebhookMessage, WebhookRequest,
};
use tokio::sync::Notify;

/// The bank's name.
pub const NAME: &str = "bank";

/// A processor with its own ledger: a charge is made once per key.
#[derive(Default)]
pub struct Bank {
    charges: Mutex<HashMap<String, Money>>,
    paid_checkouts: Mutex<HashMap<String, Mandate>>,
    refunds: Mutex<Vec<MadeRefund>>,
    closed: Mutex<Vec<String>>,
    /// How long an answer takes.
    pub delay: Mutex<Duration>,
    /// So many answers are lost after the money was collected or refunded.
    pub lose: AtomicUsize,
    /// So many orders end in a panic before anything is collected.
    pub panics: AtomicUsize,
    /// Refunds are refused.
    pub refuses_refunds: AtomicBool,
    /// Cards are declined.
    pub declines: AtomicBool,
    /// It answers nobody once it has collected so often; never while this is zero.
    pub away_after: AtomicUsize,
    /// The bank does not decide.
    pub undecided: AtomicBool,
    /// Answers never arrive: the server stops meanwhile.
    pub hangs: AtomicBool,
    /// Questions about these checkouts and orders, by their keys, are answered with an error.
    pub faults: Mutex<HashMap<String, Fault>>,
    /// What it says of disputes, by their numbers.
    pub disputes: Mutex<HashMap<String, DisputeReport>>,
    /// Refunds that were made at the bank, with the keys of the orders that they are of.
    pub elsewhere: Mutex<Vec<(String, ProcessorRefund)>>,
    /// It does not list disputes and refunds.
    pub refuses_lists: AtomicBool,
    /// It has more disputes and refunds than it lists.
    pub cuts_lists: AtomicBool,
    /// The next answer about a dispute is as of now, and arrives once `released` is notified.
    pub delays_dispute: AtomicBool,
    /// See `delays_dispute`.
    pub released: Notify,
    /// How often an answer to a question about a checkout, an order or the refunds of a payment was asked for.
    pub questions: AtomicUsize,
    /// Notified when money was collected or refunded and the answer does not arrive.
    pub hanging: Notify,
}

/// Money that the bank has given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeRefund {
    /// The payment.
    pub payment: PaymentNumber,
    /// Which attempt it was made in.
    pub attempt: u32,
    /// How much.
    pub amount: Money,
    /// Whether the money did not arrive after all.
    pub failed: bool,
}

/// Why the bank does not say what became of a checkout or an order.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// It does not answer.
    Unreachable,
    /// It fails on this one alone.
    Undecided,
    /// It does not know the checkout.
    Misunderstood,
}

impl Bank {
    /// From now on a question about this checkout is answered with an error.
    pub fn fail(&self, checkout: &Checkout, fault: Fault) {
        self.fail_key(checkout.key.to_string(), fault);
    }

    /// From now on a question about the checkout or order with this key is answered with an error.
    pub fn fail_key(&self, key: String, fault: Fault) {
        self.faults.lock().expect("faults").insert(key, fault);
    }

    fn fault(&self, key: &str) -> Result<(), ProcessorError> {
        match self.faults.lock().expect("faults").get(key).copied() {
            Some(Fault::Unreachable) => Err(ProcessorError::Unreachable("503".into())),
            Some(Fault::Undecided) => Err(ProcessorError::Undecided("409".into())),
            Some(Fault::Misunderstood) => Err(ProcessorError::Misunderstood("404".into())),
            None => Ok(()),
        }
    }

    /// The money of every refund of a payment so far comes back to the bank.
    pub fn fail_refunds(&self, payment: PaymentNumber) {
        let mut refunds = self.refunds.lock().expect("books");
        for made in refunds.iter_mut().filter(|made| made.payment == payment) {
            made.failed = true;
        }
    }

    /// The money of one attempt at a refund comes back to the bank.
    pub fn fail_attempt(&self, payment: PaymentNumber, attempt: u32) {
        let mut refunds = self.refunds.lock().expect("books");
        let is_it = |made: &&mut MadeRefund| (made.payment, made.attempt) == (payment, attempt);
        if let Some(made) = refunds.iter_mut().find(is_it) {
            made.failed = true;
        }
    }

    /// What was collected, by the key of its order.
    pub fn charges(&self) -> HashMap<String, Money> {
        self.charges.lock().expect("books").clone()
    }

    /// What was refunded: one refund for each attempt that was asked for.
    pub fn refunds(&self) -> Vec<MadeRefund> {
        self.refunds.lock().expect("books").clone()
    }

    /// All refunds of the payment of an order, which is its number at the bank as well. Those from here name the payment, of which the
    /// tests of this have one.
    fn refunds_here(&self, order: &str) -> Vec<ProcessorRefund> {
        let made = self.refunds.lock().expect("books");
        let marked = made.iter().enumerate().map(|(number, made)| ProcessorRefund {
            reference: format!("own_{number}"),
            amount: made.amount,
            made: Timestamp::now(),
            is_failed: made.failed,
            mark: Some(RefundMark { payment: made.payment, attempt: Some(made.attempt) }),
        });
        let elsewhere = self.elsewhere.lock().expect("books");
        let unmarked = elsewhere.iter().filter(|(of, _)| of == order);
        marked.chain(unmarked.map(|(_, refund)| refund.clone())).collect()
    }

    fn lose_answer(&self) -> Result<(), ProcessorError> {
        match self.lose.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)) {
            Ok(_) => Err(ProcessorError::Unreachable("the answer was lost".to_owned())),
            Err(_) => Ok(()),
        }
    }

    /// The keys of the checkouts whose payment page was closed.
    pub fn closed(&self) -> Vec<String> {
        self.closed.lock().expect("books").clone()
    }

    /// A reader pays at a checkout with this card.
    pub fn pay(&self, checkout: &Checkout, card: &str) {
        let mandate = mandate(card);
        self.paid_checkouts.lock().expect("books").insert(checkout.key.to_string(), mandate);
        if !checkout.amount.is_zero() {
            let key = checkout.key.to_string();
            self.charges.lock().expect("books").insert(key, checkout.amount);
        }
    }
}

/// A mandate for a card at the bank.
pub fn mandate(card: &str) -> Mandate {
    Mandate { processor: NAME.to_owned(), reference: card.to_owned(), card: None }
}

#[async_trait]
impl Processor for Bank {
    fn name(&self) -> &'static str {
        NAME
    }

    fn is_practice(&self) -> bool {
        true
    }

    fn api(&self) -> Option<&str> {
        None
    }

    fn form_action(&self) -> Option<&'static str> {
        None
    }

    fn closes_checkouts(&self) -> bool {
        false
    }

    fn sends_webhooks(&self) -> bool {
        true
    }

    fn read_webhook(&self, _: &WebhookRequest<'_>) -> Result<WebhookMessage, WebhookError> {
        Err(WebhookError::Forged)
    }

    async fn begin(&self, request: &CheckoutRequest<'_>) -> Result<PaymentPage, ProcessorError> {
        let reference = request.checkout.key.to_string();
        Ok(PaymentPage { reference, page: request.path.to_owned() })
    }

    async fn outcome(&self, checkout: &Checkout) -> Result<CheckoutOutcome, ProcessorError> {
        self.questions.fetch_add(1, Ordering::SeqCst);
        self.fault(&checkout.key.to_string())?;
        let paid =
            self.paid_checkouts.lock().expect("books").get(&checkout.key.to_string()).cloned();
        Ok(paid.map_or(CheckoutOutcome::Open, CheckoutOutcome::Paid))
    }

    async fn close(&self, checkout: &Checkout) -> Result<(), ProcessorError> {
        self.closed.lock().expect("books").push(checkout.key.to_string());
        Ok(())
    }

    async fn collect(&self, order: &Order) -> Result<Collected, ProcessorError> {
        self.questions.fetch_add(1, Ordering::SeqCst);
        self.fault(&order.key)?;
        let (away_after, collected) =
            (self.away_after.load(Ordering::SeqCst), self.charges.lock().expect("books").len());
        if away_after > 0 && collected >= away_after {
            return Err(ProcessorError::Unreachable("connection refused".to_owned()));
        }
        let panics =
            self.panics.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
        assert!(panics.is_err(), "the bank's answer makes the server panic");
        let known = self.charges.lock().expect("books").get(&order.key).copied();
        if let Some(known) = known {
            assert_eq!(known, order.amount, "a key stands for one amount");
        } else if self.undecided.load(Ordering::SeqCst) {
            return Ok(Collected::Pending);
        } else if self.declines.load(Ordering::SeqCst) {
            return Ok(Collected::Refused(Refusal::Declined));
        } else {
            let mut charges = self.charges.lock().expect("books");
            charges.insert(order.key.clone(), order.amount);
        }
        let delay = *self.delay.lock().expect("a delay");
        tokio::time::sleep(delay).await;
        if self.hangs.load(Ordering::SeqCst) {
            self.hanging.notify_one();
            std::future::pending::<()>().await;
        }
        self.lose_answer()?;
        Ok(Collected::Paid)
    }

    async fn current_mandate(&self, mandate: &Mandate) -> Result<Mandate, ProcessorError> {
        Ok(mandate.clone())
    }

    async fn refund(&self, request: &RefundRequest) -> Result<(), ProcessorError> {
        if self.refuses_refunds.load(Ordering::SeqCst) {
            return Err(ProcessorError::Misunderstood("the account has no money".to_owned()));
        }
        let (payment, attempt, amount) = (request.payment, request.attempt, request.amount);
        {
            let mut refunds = self.refunds.lock().expect("books");
            if !refunds.iter().any(|made| (made.payment, made.attempt) == (payment, attempt)) {
                refunds.push(MadeRefund { payment, attempt, amount, failed: false });
            }
        }
        if self.hangs.load(Ordering::SeqCst) {
            self.hanging.notify_one();
            std::future::pending::<()>().await;
        }
        self.lose_answer()
    }

    async fn refund_outcome(
        &self,
        request: &RefundRequest,
    ) -> Result<RefundOutcome, ProcessorError> {
        self.lose_answer()?;
        let refunds = self.refunds.lock().expect("books");
        let made = refunds
            .iter()
            .rfind(|made| (made.payment, made.attempt) == (request.payment, request.attempt));
        let valid = refunds.iter().filter(|made| made.payment == request.payment && !made.failed);
        let sum: u64 = valid.map(|made| made.amount.minor()).sum();
        let wanted = request.before.minor() + request.amount.minor();
        Ok(match made {
            Some(made) if !made.failed && !request.before.is_zero() && sum < wanted => {
                RefundOutcome::EarlierFailed(Money::of(wanted - sum, request.amount.currency()))
            }
            Some(made) if made.failed => RefundOutcome::Failed("the account is closed".to_owned()),
            Some(_) => RefundOutcome::Made,
            None => RefundOutcome::Unknown,
        })
    }

    async fn refunds_of(&self, payment: &str) -> Result<PaymentRefunds, ProcessorError> {
        self.questions.fetch_add(1, Ordering::SeqCst);
        self.lose_answer()?;
        let refunds = self.refunds_here(payment);
        Ok(PaymentRefunds { order: Some(payment.to_owned()), refunds })
    }

    /// It answers this in any case: what is lost is the answer to the refund.
    async fn refunds_of_request(
        &self,
        request: &RefundRequest,
    ) -> Result<Vec<ProcessorRefund>, ProcessorError> {
        let mut refunds = self.refunds_here(&request.order);
        refunds.retain(|refund| refund.mark.is_none_or(|mark| mark.payment == request.payment));
        Ok(refunds)
    }

    async fn refunds(
        &self,
        since: Timestamp,
    ) -> Result<ProcessorList<ListedRefund>, ProcessorError> {
        self.lose_answer()?;
        if self.refuses_lists.load(Ordering::SeqCst) {
            return Err(ProcessorError::Misunderstood("403: no permission".to_owned()));
        }
        let elsewhere = self.elsewhere.lock().expect("books");
        let listed = elsewhere.iter().map(|(order, refund)| ListedRefund {
            payment: order.clone(),
            order: Some(order.clone()),
            refund: refund.clone(),
        });
        let found = listed.filter(|listed| listed.refund.made >= since).collect();
        Ok(ProcessorList { found, is_cut: self.cuts_lists.load(Ordering::SeqCst) })
    }

    async fn dispute(&self, reference: &str) -> Result<DisputeReport, ProcessorError> {
        self.lose_answer()?;
        let known = self.disputes.lock().expect("books").get(reference).cloned();
        if self.delays_dispute.swap(false, Ordering::SeqCst) {
            self.hanging.notify_one();
            self.released.notified().await;
        }
        known.ok_or_else(|| ProcessorError::Misunderstood("no such dispute".to_owned()))
    }

    async fn disputes(
        &self,
        since: Timestamp,
    ) -> Result<ProcessorList<ListedDispute>, ProcessorError> {
        self.lose_answer()?;
        if self.refuses_lists.load(Ordering::SeqCst) {
            return Err(ProcessorError::Misunderstood("403: no permission".to_owned()));
        }
        let all = self.disputes.lock().expect("books");
        let recent = all.iter().filter(|(_, report)| report.opened >= since);
        let listed = recent.map(|(reference, report)| ListedDispute {
            reference: reference.clone(),
            report: report.clone(),
        });
        let found = listed.collect();
        Ok(ProcessorList { found, is_cut: self.cuts_lists.load(Ordering::SeqCst) })
    }
}
