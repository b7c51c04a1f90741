//! A visitor of the demonstration, with a browser.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
    sync::OnceLock,
    time::{Duration, Instant},
};

use chromiumoxide::{
    Browser, BrowserConfig, Element, Page,
    cdp::browser_protocol::{
        emulation::{
            MediaFeature, SetDeviceMetricsOverrideParams, SetEmulatedMediaParams,
            SetScriptExecutionDisabledParams,
        },
        page::CaptureScreenshotFormat,
        web_authn::{
            self, AddVirtualAuthenticatorParams, AuthenticatorProtocol, AuthenticatorTransport,
            VirtualAuthenticatorOptions,
        },
    },
    page::ScreenshotParams,
};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use tempfile::TempDir;
use tokio::{task::JoinHandle, time::timeout};

use crate::workshop::{Server, Workshop};

/// A phone in portrait orientation.
pub const PHONE: (u32, u32) = (360, 740);
pub const DESKTOP: (u32, u32) = (1280, 900);
/// How long anything may take: all tests share two cores, and nothing in them is optimised.
const PATIENCE: Duration = Duration::from_secs(45);
/// How long a browser may take to start: the first one on a machine is read from its disk while
/// the servers start too.
const LAUNCH: Duration = Duration::from_mins(3);

/// A separate browser without cookies.
pub struct Visitor {
    browser: Browser,
    handler: JoinHandle<()>,
    pub page: Page,
    address: String,
    _profile: TempDir,
}

/// The demonstration, which most tests share: each visitor is a new device.
fn demonstration() -> &'static (Workshop, Server) {
    static DEMONSTRATION: OnceLock<(Workshop, Server)> = OnceLock::new();
    DEMONSTRATION.get_or_init(own_demonstration)
}

/// A separate demonstration, in which the date can be changed.
pub fn own_demonstration() -> (Workshop, Server) {
    let workshop = Workshop::empty();
    // Statics are never dropped. So a shell waits for the end of its input, which
    // comes with the end of this process, and stops the server.
    let mut watched = Command::new("sh");
    watched
        .args(["-c", "\"$@\" & cat >/dev/null; kill $!; wait $!", "sh"])
        .arg(env!("CARGO_BIN_EXE_masthead"))
        .args(["demo", "--listen", "127.0.0.1:0"])
        .stdin(Stdio::piped());
    (workshop, Server::start(watched))
}

impl Visitor {
    /// A new device.
    pub async fn new() -> Self {
        Self::of(&demonstration().1).await
    }

    /// A new device at this server.
    pub async fn of(server: &Server) -> Self {
        Self::at(format!("http://localhost:{}", server.address.port())).await
    }

    async fn at(address: String) -> Self {
        let profile = tempfile::tempdir().expect("a folder");
        let config = BrowserConfig::builder()
            // The tests may run as root, which Chromium's own sandbox refuses.
            .no_sandbox()
            .new_headless_mode()
            .user_data_dir(profile.path())
            .window_size(DESKTOP.0, DESKTOP.1)
            .viewport(None)
            .launch_timeout(LAUNCH)
            .request_timeout(PATIENCE)
            .build()
            .unwrap_or_else(|error| {
                panic!("{error}; install Chromium, on Debian with: apt-get install chromium")
            });
        let (browser, mut events) = Browser::launch(config).await.expect("a browser");
        let handler = tokio::spawn(async move { while events.next().await.is_some() {} });
        let page = browser.new_page("about:blank").await.expect("a page");
        let visitor = Self { browser, handler, page, address, _profile: profile };
        visitor.resize(DESKTOP).await;
        visitor
    }

    /// Opens an address of the publication.
    pub async fn go(&self, path: &str) -> &Self {
        self.page.goto(format!("{}{path}", self.address)).await.expect("a page");
        self
    }

    /// Another tab of the same browser.
    pub async fn tab(&self, path: &str) -> Page {
        self.browser.new_page(format!("{}{path}", self.address)).await.expect("a tab")
    }

    /// Sets the size of the window, in CSS pixels.
    pub async fn resize(&self, (width, height): (u32, u32)) -> &Self {
        let size = SetDeviceMetricsOverrideParams::new(width, height, 1.0, width < 600);
        self.page.execute(size).await.expect("resized");
        self
    }

    /// Sets the preferred colour scheme.
    pub async fn prefer(&self, scheme: &str) -> &Self {
        let dark = MediaFeature::new("prefers-color-scheme", scheme);
        self.page.emulate_media_features(vec![dark]).await.expect("preferred");
        self
    }

    /// Adds a virtual authenticator that confirms everything.
    pub async fn with_passkeys(&self) -> &Self {
        self.page.execute(web_authn::EnableParams::default()).await.expect("enabled");
        let device = VirtualAuthenticatorOptions::builder()
            .protocol(AuthenticatorProtocol::Ctap2)
            .transport(AuthenticatorTransport::Internal)
            .has_resident_key(true)
            .has_user_verification(true)
            .is_user_verified(true)
            .automatic_presence_simulation(true)
            .build()
            .expect("a device");
        let added = AddVirtualAuthenticatorParams::new(device);
        self.page.execute(added).await.expect("added");
        self
    }

    /// Emulates print media.
    pub async fn print(&self) -> &Self {
        let print = SetEmulatedMediaParams::builder().media("print").build();
        self.page.execute(print).await.expect("printed");
        self
    }

    /// Switches JavaScript off.
    pub async fn without_scripts(&self) -> &Self {
        self.page.execute(SetScriptExecutionDisabledParams::new(true)).await.expect("off");
        self
    }

    /// Evaluates an expression on the page.
    pub async fn ask<T: DeserializeOwned>(&self, expression: &str) -> T {
        ask(&self.page, expression).await
    }

    /// Returns the visible text of an element; empty if there is none.
    pub async fn text(&self, selector: &str) -> String {
        text(&self.page, selector).await
    }

    /// Clicks on an element and waits until that has led to an address.
    pub async fn follow(&self, selector: &str, path: &str) -> &Self {
        // The address may be the current one.
        self.ask::<bool>("window.isLeft = true").await;
        self.find(selector).await.click().await.expect("clicked");
        self.arrive(path).await
    }

    /// Waits until a page of this address is complete.
    pub async fn arrive(&self, path: &str) -> &Self {
        let begun = Instant::now();
        // During navigation the page does not answer.
        let there = format!(
            "!window.isLeft && document.readyState === 'complete' && location.pathname === '{path}'"
        );
        while !self.is(&there).await {
            let at = self.page.url().await;
            assert!(begun.elapsed() < PATIENCE, "the browser is at {at:?}, not {path}");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        self
    }

    /// Clicks on an element that does not navigate.
    pub async fn click(&self, selector: &str) -> &Self {
        self.find(selector).await.click().await.expect("clicked");
        self
    }

    /// Finds an element, if it is not there yet, or the browser has forgotten the page that it knew.
    async fn find(&self, selector: &str) -> Element {
        let begun = Instant::now();
        loop {
            match self.page.find_element(selector).await {
                Ok(element) => return element,
                Err(error) => assert!(begun.elapsed() < PATIENCE, "no {selector}: {error}"),
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// Waits until an element has this text.
    pub async fn wait_for(&self, selector: &str, said: &str) -> &Self {
        let begun = Instant::now();
        loop {
            let text: Option<String> = self.now(&text_of(selector)).await;
            if text.as_ref().is_some_and(|text| text.contains(said)) {
                return self;
            }
            assert!(begun.elapsed() < PATIENCE, "{selector} says: {text:?}");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// Waits until an expression is true.
    pub async fn wait_until(&self, expression: &str) -> &Self {
        let begun = Instant::now();
        while !self.is(expression).await {
            assert!(begun.elapsed() < PATIENCE, "never: {expression}");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        self
    }

    async fn is(&self, expression: &str) -> bool {
        self.now(expression).await == Some(true)
    }

    /// Evaluates an expression, if the page answers; it does not during navigation.
    async fn now<T: DeserializeOwned>(&self, expression: &str) -> Option<T> {
        let answer = timeout(Duration::from_secs(2), self.page.evaluate(expression)).await;
        answer.ok()?.ok()?.into_value().ok()
    }

    /// Types into a field.
    pub async fn write(&self, selector: &str, text: &str) -> &Self {
        let field = self.find(selector).await;
        field.click().await.expect("clicked").type_str(text).await.expect("typed");
        self
    }

    /// Types at the cursor.
    pub async fn go_on(&self, text: &str) -> &Self {
        let focus = self.page.find_element(":focus").await.expect("a focus");
        focus.type_str(text).await.expect("typed");
        self
    }

    /// Presses a key in the focused element.
    pub async fn press(&self, key: &str) -> &Self {
        let focus = self.page.find_element(":focus, body").await.expect("a focus");
        let focus = match self.page.find_element(":focus").await {
            Ok(element) => element,
            Err(_) => focus,
        };
        focus.press_key(key).await.expect("pressed");
        self
    }

    /// Presses a key while another is held.
    pub async fn chord(&self, held: &str, key: &str) -> &Self {
        use chromiumoxide::cdp::browser_protocol::input::{
            DispatchKeyEventParams, DispatchKeyEventType,
        };
        let modifiers = match held {
            "Control" => 2,
            "Shift" => 8,
            other => panic!("{other} is not held here"),
        };
        let code = match key {
            "ArrowLeft" => 37,
            letter => i64::from(letter.to_uppercase().as_bytes()[0]),
        };
        for kind in [DispatchKeyEventType::RawKeyDown, DispatchKeyEventType::KeyUp] {
            let event = DispatchKeyEventParams::builder()
                .r#type(kind)
                .modifiers(modifiers)
                .key(key)
                .windows_virtual_key_code(code)
                .build()
                .expect("an event");
            self.page.execute(event).await.expect("pressed");
        }
        self
    }

    /// Saves a screenshot of the window, or of the whole page.
    pub async fn picture(&self, name: &str, whole: bool) -> &Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("../screens");
        fs::create_dir_all(&folder).expect("a folder");
        let params = ScreenshotParams::builder()
            .format(CaptureScreenshotFormat::Png)
            .full_page(whole)
            .build();
        let file = folder.join(format!("{name}.png"));
        self.page.save_screenshot(params, file).await.expect("a picture");
        self
    }

    /// Closes the browser.
    pub async fn leave(mut self) {
        self.browser.close().await.expect("closed");
        self.browser.wait().await.expect("ended");
        self.handler.abort();
    }
}

pub async fn ask<T: DeserializeOwned>(page: &Page, expression: &str) -> T {
    let answer = timeout(Duration::from_secs(30), page.evaluate(expression)).await;
    let answer = answer.expect("an answer in time").expect("an answer");
    answer.into_value().unwrap_or_else(|error| panic!("{expression:.100}: {error}"))
}

pub async fn text(page: &Page, selector: &str) -> String {
    ask(page, &text_of(selector)).await
}

fn text_of(selector: &str) -> String {
    format!("document.querySelector('{selector}')?.innerText ?? ''")
}
