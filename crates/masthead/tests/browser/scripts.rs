//! Pages in Arabic, Hebrew, Japanese and Thai, in German with long words, and in two directions at once.

use masthead_circulation::staff::Role;

use crate::{
    appearance::{axe, complaints},
    newsroom::at_the_desk,
    visitor::{DESKTOP, PHONE, Visitor},
    workshop::{Server, Workshop},
};

/// A language with what an article says in it.
struct Sample {
    language: &'static str,
    direction: &'static str,
    headline: &'static str,
    /// Begins with a Latin name.
    deck: &'static str,
    author: &'static str,
    text: &'static str,
}

const SAMPLES: [Sample; 5] = [
    Sample {
        language: "ar",
        direction: "rtl",
        headline: "العبّارة الليلية تعود إلى العمل (بعد 12 يومًا).",
        deck: "MV Estuary: وافق المجلس على 3,5 مليون لإصلاح الرصيف رقم 7.",
        author: "ليلى حدّاد",
        text: "تنطلق الرحلة الأولى عند الساعة 21:45 يوم الأحد، وسعر التذكرة 12.50. الأسئلة إلى harbour@example.org.",
    },
    Sample {
        language: "he",
        direction: "rtl",
        headline: "מעבורת הלילה חוזרת (לאחר 12 ימים).",
        deck: "MV Estuary: המועצה אישרה 3.5 מיליון לתיקון רציף 7.",
        author: "נועה לוי",
        text: "ההפלגה הראשונה ב־21:45 ביום ראשון, ומחיר הכרטיס 12.50. שאלות אל harbour@example.org.",
    },
    Sample {
        language: "ja",
        direction: "ltr",
        headline: "夜間フェリーが十二日間の運休を経て日曜日の夜から運航を再開へ",
        deck: "議会は第七埠頭の修理費として三百五十万ポンドを承認した。",
        author: "佐藤花子",
        text: "最初の便は日曜日の21時45分に出航する。問い合わせはharbour@example.orgまで。乗客は出航の30分前までに手続きを済ませる必要がある。",
    },
    Sample {
        language: "th",
        direction: "ltr",
        headline: "เรือข้ามฟากกลางคืนกลับมาให้บริการอีกครั้งหลังหยุดไปสิบสองวัน",
        deck: "สภาอนุมัติเงิน 3.5 ล้านปอนด์เพื่อซ่อมท่าเทียบเรือหมายเลข 7",
        author: "สมชาย ใจดี",
        text: "เที่ยวแรกจะออกเวลา 21:45 น. ของวันอาทิตย์และค่าโดยสารยังคงเป็น 12.50 ปอนด์ ผู้โดยสารต้องมาถึงก่อนเวลาเรือออกสามสิบนาที",
    },
    Sample {
        language: "de",
        direction: "ltr",
        headline: "Binnenschifffahrtsgenehmigungsverfahrensbeschleunigungsverordnung tritt in Kraft",
        deck: "Der Haushaltsüberwachungsausschuss bewilligt die Anlegestelleninstandsetzungsmaßnahme.",
        author: "Annegret Müller-Lüdenscheidt-Hohenzollernsigmaringen",
        text: "Die Nachtfährbetriebsgesellschaft teilte mit, die Rindfleischetikettierungsüberwachungsaufgabenübertragung sei beendet.",
    },
];

const PAGES: [(&str, &str); 9] = [
    ("home", "/"),
    ("section", "/news"),
    ("article", "/news/ferry"),
    ("opinion", "/news/view"),
    ("wall", "/news/locked"),
    ("offers", "/offers"),
    ("checkout", "/checkout/web-yearly"),
    ("sign-in", "/sign-in"),
    ("search", "/search?q=harbour"),
];

/// An article with everything that has a side: lists, a quote, a table, code, emphasis and footnotes.
fn article(sample: &Sample, slug: &str, matter: &str) -> String {
    let Sample { headline, deck, author, text, .. } = sample;
    let long = format!("{text}\n\n").repeat(8);
    format!(
        "---\nheadline: '{headline}'\ndeck: '{deck}'\nslug: {slug}\nsection: news\nkicker: '{author}'\ntopics: ['{author}']\n\
         authors: ['{author}']\ndateline: '{author}'\n{matter}\n---\n\n{text} {text}[^1]\n\n## {headline}\n\n- {text}\n- {text}\n\n\
         1. {text}\n\n> {text}\n\n| {author} | 1 |\n|---|--:|\n| {author} | 1,234 |\n\n*{author}* **{author}**\n\n\
         ```\nlet fee = 12.50; // MV Estuary\n```\n\n{long}[^1]: {text}\n"
    )
}

fn publish(workshop: &Workshop, sample: &Sample) {
    for (slug, matter) in [
        ("ferry", "tier: free"),
        ("view", "tier: free\ndesign: opinion"),
        ("more", "tier: metered"),
        ("locked", "tier: subscribers"),
    ] {
        workshop.write("article.md", &article(sample, slug, matter));
        workshop.does(&["publish", "article.md"]);
    }
}

fn speak(workshop: &Workshop, language: &str) -> Server {
    workshop.configure("locale = \"en\"", &format!("locale = \"{language}\""));
    workshop.serve()
}

/// What is wrong with an element: it is not there, or a style has another value.
const STYLE: &str = "(selector, name) => {
    const element = document.querySelector(selector);
    return element ? getComputedStyle(element)[name] : 'no ' + selector;
}";

async fn style(visitor: &Visitor, selector: &str, name: &str) -> String {
    visitor.ask(&format!("({STYLE})({selector:?}, {name:?})")).await
}

/// On which side of an element its first line begins. A line with numbers or a second script has several parts.
async fn side(visitor: &Visitor, selector: &str) -> String {
    let side = format!(
        "(() => {{ const element = document.querySelector({selector:?}), range = document.createRange(); \
         range.selectNodeContents(element); const parts = [...range.getClientRects()], box = element.getBoundingClientRect(); \
         const line = parts.filter((part) => Math.abs(part.top - parts[0].top) < 2); \
         const left = Math.min(...line.map((part) => part.left)), right = Math.max(...line.map((part) => part.right)); \
         return left - box.left > box.right - right ? 'right' : 'left'; }})()"
    );
    visitor.ask(&side).await
}

#[tokio::test]
async fn pages_are_set_as_each_script_needs_it() {
    let axe = axe();
    let mut faults = Vec::new();
    for sample in &SAMPLES {
        let workshop = Workshop::that_sells();
        publish(&workshop, sample);
        let server = speak(&workshop, sample.language);
        let visitor = Visitor::of(&server).await;
        for (name, path) in PAGES {
            for (scheme, size) in [("dark", PHONE), ("light", DESKTOP)] {
                visitor.prefer(scheme).await.resize(size).await.go(path).await;
                let at = format!("script-{}-{name}-{scheme}-{}", sample.language, size.0);
                let wide: i64 = visitor
                    .ask("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                    .await;
                if wide > 0 {
                    faults.push(format!("{at}: {wide} pixels too wide"));
                }
                let found = complaints(&visitor, &axe).await;
                faults.extend(found.into_iter().map(|found| format!("{at}: {found}")));
                visitor.picture(&at, true).await;
            }
            let direction: String = visitor.ask("document.documentElement.dir").await;
            assert_eq!(direction, sample.direction, "{} {path}", sample.language);
        }
        article_is_set_well(&visitor, sample).await;
        visitor.leave().await;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The parts of an article that depend on its script.
async fn article_is_set_well(visitor: &Visitor, sample: &Sample) {
    let language = sample.language;
    visitor.resize(DESKTOP).await.go("/news/ferry").await;
    let is_rtl = sample.direction == "rtl";
    for part in ["h1", "header .deck", ".text"] {
        assert_eq!(style(visitor, part, "direction").await, sample.direction, "{language} {part}");
    }
    let start = if is_rtl { "right" } else { "left" };
    for part in ["header .deck", ".text li", ".footnotes p"] {
        assert_eq!(style(visitor, part, "textAlign").await, "start", "{language} {part}");
    }
    assert_eq!(side(visitor, ".text > ul li:last-child").await, start, "{language}");
    assert_eq!(style(visitor, ".text pre", "direction").await, "ltr", "{language}: code");
    let bar = if is_rtl { "borderRightWidth" } else { "borderLeftWidth" };
    assert_eq!(
        style(visitor, ".text blockquote", bar).await,
        "3px",
        "{language}: the bar of a quote"
    );
    if is_rtl {
        for part in ["h1", ".dateline", ".masthead .name"] {
            // A spacing of 0 is that of the font.
            assert_eq!(style(visitor, part, "letterSpacing").await, "normal", "{language} {part}");
        }
    }
    if language == "de" {
        return;
    }
    assert_eq!(style(visitor, ".text em", "fontStyle").await, "normal", "{language}");
    if language != "ja" {
        let line: f64 = visitor
            .ask("(() => { const style = getComputedStyle(document.querySelector('h1')); return parseFloat(style.lineHeight) / parseFloat(style.fontSize); })()")
            .await;
        assert!(line > 1.35, "{language}: {line}");
    }
    visitor.go("/news/view").await;
    assert_eq!(style(visitor, "h1", "fontStyle").await, "normal", "{language}");
}

#[tokio::test]
async fn long_words_fit_with_text_of_twice_the_size() {
    let sample = &SAMPLES[4];
    let workshop = Workshop::that_sells();
    publish(&workshop, sample);
    let server = speak(&workshop, sample.language);
    let visitor = Visitor::of(&server).await;
    visitor.resize((320, 640)).await;
    let mut faults = Vec::new();
    for (_, path) in PAGES {
        let found: Vec<String> = visitor.go(path).await.ask(crate::large_text::FAULTS).await;
        faults.extend(found.into_iter().map(|fault| format!("{path}: {fault}")));
    }
    visitor.leave().await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn an_article_has_its_own_direction_in_a_publication_of_the_other() {
    let mut faults = Vec::new();
    let english = Sample {
        language: "en",
        direction: "ltr",
        headline: "The night ferry is back (after 12 days).",
        deck: "It sails on Sunday, for £12.50.",
        author: "Ada Mills",
        text: "The first crossing is on Sunday at 21:45. Write to harbour@example.org.",
    };
    let arabic = &SAMPLES[0];
    for (publication, foreign) in [(&english, arabic), (arabic, &english)] {
        let workshop = Workshop::that_sells();
        workshop.write("own.md", &article(publication, "own", "tier: free"));
        let language = foreign.language;
        let matter = format!("tier: free\nlanguage: {language}");
        workshop.write("foreign.md", &article(foreign, "foreign", &matter));
        workshop.does(&["publish", "own.md", "foreign.md"]);
        let server = speak(&workshop, publication.language);
        let visitor = Visitor::of(&server).await;
        for (name, path) in [("home", "/"), ("article", "/news/foreign")] {
            for size in [PHONE, DESKTOP] {
                visitor.resize(size).await.go(path).await;
                let at = format!("script-{language}-in-{}-{name}-{}", publication.language, size.0);
                visitor.picture(&at, true).await;
                let page: Vec<String> = visitor
                    .ask("[document.documentElement.lang, document.documentElement.dir]")
                    .await;
                assert_eq!(page, [publication.language, publication.direction], "{at}");
                let parts: Vec<String> = visitor
                    .ask(&format!("[...document.querySelectorAll('[lang={language}]:is(h1, h2, h3, .deck, .text)')].map((e) => e.dir)"))
                    .await;
                assert!(
                    parts.len() > 1 && parts.iter().all(|dir| dir == foreign.direction),
                    "{at}: {parts:?}"
                );
            }
        }
        let found = complaints(&visitor, &axe()).await;
        faults.extend(found.into_iter().map(|found| format!("{language}: {found}")));
        visitor.leave().await;

        let bob = at_the_desk(&workshop, &server, "Bob", Role::Editor).await;
        for (name, path) in [("list", "/desk/articles"), ("editor", "/desk/articles/2")] {
            for size in [PHONE, DESKTOP] {
                bob.resize(size).await.go(path).await;
                let at =
                    format!("script-{language}-in-{}-desk-{name}-{}", publication.language, size.0);
                bob.picture(&at, true).await;
            }
        }
        bob.wait_for(".ProseMirror", foreign.text).await;
        for part in [".ProseMirror p", "#headline"] {
            assert_eq!(
                style(&bob, part, "direction").await,
                foreign.direction,
                "{language} {part}"
            );
        }
        bob.go("/desk/articles").await;
        assert_eq!(style(&bob, "table.stories tbody a", "unicodeBidi").await, "plaintext");
        bob.leave().await;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
