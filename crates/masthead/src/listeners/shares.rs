//! How many connections each listener may have. Every connection is an open file, so all listeners share what this process may open.

/// The connections of the admin listener: a monitoring and a person or two.
const ADMIN: usize = 16;

/// How many connections each listener may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionShares {
    /// The public one.
    pub public: usize,
    /// The one that redirects; none if there is none.
    pub redirects: usize,
    /// The one for the operator's monitoring; none if there is none.
    pub admin: usize,
}

/// Which listeners there are beside the public one.
#[derive(Clone, Copy, Debug, Default)]
pub struct OtherListeners {
    /// Whether there is one that redirects.
    pub redirects: bool,
    /// Whether there is one for monitoring.
    pub admin: bool,
}

impl ConnectionShares {
    /// Divides what there may be, if there is a limit. The public listener has at most `wished`. Redirects are short requests, and
    /// need a quarter of that.
    pub fn new(available: Option<usize>, wished: usize, others: OtherListeners) -> Self {
        let available = available.unwrap_or(usize::MAX);
        let admin = if others.admin { ADMIN.min(available / 8).max(1) } else { 0 };
        let available = available.saturating_sub(admin);
        let redirects = if others.redirects { (wished / 4).min(available / 5).max(1) } else { 0 };
        let public = wished.min(available.saturating_sub(redirects)).max(1);
        Self { public, redirects, admin }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_listeners_together_have_no_more_than_there_is() {
        for available in 4..3000 {
            for (redirects, admin) in [(false, false), (true, false), (false, true), (true, true)] {
                let others = OtherListeners { redirects, admin };
                let shares = ConnectionShares::new(Some(available), 20_000, others);
                let ConnectionShares { public, redirects, admin } = shares;
                assert!(public + redirects + admin <= available, "{available}: {shares:?}");
                assert!(public >= available / 2, "{available}: {shares:?}");
                assert_eq!((redirects > 0, admin > 0), (others.redirects, others.admin));
            }
        }
    }

    #[test]
    fn without_a_limit_every_listener_has_what_it_needs() {
        let others = OtherListeners { redirects: true, admin: true };
        let wanted = ConnectionShares { public: 20_000, redirects: 5_000, admin: 16 };
        assert_eq!(ConnectionShares::new(None, 20_000, others), wanted);
        assert_eq!(ConnectionShares::new(Some(65_436), 20_000, others), wanted);
    }
}
