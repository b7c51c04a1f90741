//! Tests of templates.

use proptest::prelude::*;

use super::*;

fn render_with(text: &str, tag: &str, left: u32) -> String {
    let template = Template::parse(text, &Variable::ALL).expect("a template");
    let facts = MessageFacts {
        number_articles_left: Some(left),
        publication: "The <Harbour> Courier",
        ..MessageFacts::default()
    };
    template.render(&facts, &Locale::new(tag).expect("a locale"))
}

fn parse_error(text: &str) -> (usize, usize, TemplateErrorKind) {
    let error = Template::parse(text, &Variable::ALL).expect_err("refused");
    (error.line, error.column, error.kind)
}

#[test]
fn values_are_escaped_and_english_endings_follow_the_count() {
    let text = "{{numberArticlesLeft}} article{{numberArticlesLeft-plural}} in {{publication}}";
    assert_eq!(render_with(text, "en", 1), "1 article in The &lt;Harbour&gt; Courier");
    assert_eq!(render_with(text, "en", 2), "2 articles in The &lt;Harbour&gt; Courier");
}

#[test]
fn an_outline_has_values_and_the_general_plural() {
    let text = "{{numberArticlesLeft}} {{#plural allowance}}{{one}}x{{other}}articles{{/plural}}\
                {{#price}} for {{price}}{{/price}}{{^price}}, free{{/price}}";
    let template = Template::parse(text, &Variable::ALL).expect("a template");
    let outline = template.outline(&|variable| format!("[{}]", variable.name()));
    assert_eq!(outline, "[numberArticlesLeft] articles for [price]");
}

#[test]
fn plural_blocks_follow_the_locale() {
    let polish = "{{#plural numberArticlesLeft}}{{one}}artykuł{{few}}artykuły{{many}}artykułów{{other}}artykułu{{/plural}}";
    let render_with = |left| render_with(polish, "pl", left);
    assert_eq!(
        [render_with(1), render_with(3), render_with(5), render_with(22)],
        ["artykuł", "artykuły", "artykułów", "artykuły"]
    );
}

#[test]
fn a_missing_category_falls_back_to_other() {
    let text = "{{#plural numberArticlesLeft}} {{other}}{{numberArticlesLeft}}記事{{/plural}}";
    assert_eq!(render_with(text, "ja", 1), "1記事");
}

#[test]
fn mentioned_variables_are_found_in_every_kind_of_node() {
    let mentions = |text: &str| {
        let template = Template::parse(text, &Variable::ALL).expect("a template");
        template.mentions(Variable::ReaderName)
    };
    assert!(mentions("Dear {{readerName}}"));
    assert!(mentions("{{#price}}{{^readerName}}You{{/readerName}}{{/price}}"));
    assert!(mentions("{{#plural allowance}}{{one}}{{readerName}}{{other}}{{/plural}}"));
    assert!(!mentions("{{publication}} readerName {{#price}}{{price}}{{/price}}"));
}

#[test]
fn conditional_blocks_depend_on_their_value() {
    let text = "{{#price}}Only {{price}}. {{/price}}{{^price}}Read on. {{/price}}";
    assert_eq!(render_with(text, "en", 1), "Read on. ");
}

#[test]
fn a_count_of_zero_is_no_value_for_a_section() {
    let text = "{{#numberArticlesLeft}}{{numberArticlesLeft}} left{{/numberArticlesLeft}}{{^numberArticlesLeft}}None left{{/numberArticlesLeft}}";
    assert_eq!(render_with(text, "en", 2), "2 left");
    assert_eq!(render_with(text, "en", 0), "None left");
    assert_eq!(render_with("{{numberArticlesLeft}}", "en", 0), "0");
}

#[test]
fn dates_of_this_year_are_written_without_it() {
    let template = Template::parse("{{endedOn}}", &Variable::ALL).expect("a template");
    let locale = Locale::new("en-GB").expect("a locale");
    let ended = |year| {
        let facts = MessageFacts {
            ended_on: Some(jiff::civil::date(year, 1, 10)),
            today: Some(jiff::civil::date(2027, 1, 2)),
            ..MessageFacts::default()
        };
        template.render(&facts, &locale)
    };
    assert_eq!([ended(2027), ended(2026)], ["10\u{a0}January", "10\u{a0}January 2026"]);
}

#[test]
fn errors_have_line_and_column() {
    let unknown = parse_error("Read\nön {{articlesLeft}}");
    assert_eq!((unknown.0, unknown.1), (2, 4));
    assert!(matches!(unknown.2, TemplateErrorKind::UnknownVariable { .. }));
    assert_eq!(parse_error("a {{price"), (1, 3, TemplateErrorKind::UnclosedTag));
    assert_eq!(
        parse_error("{{#price}}x"),
        (1, 1, TemplateErrorKind::UnclosedBlock("price".into()))
    );
    assert_eq!(
        parse_error("x{{/price}}"),
        (1, 2, TemplateErrorKind::UnopenedBlock("price".into()))
    );
    assert_eq!(parse_error("{{#plural price}}"), (1, 1, TemplateErrorKind::NotACount("price")));
    assert_eq!(
        parse_error("{{#plural allowance}}{{one}}x{{/plural}}"),
        (1, 1, TemplateErrorKind::MissingOther)
    );
    assert_eq!(
        parse_error("{{#plural allowance}}{{other}}x"),
        (1, 1, TemplateErrorKind::UnclosedBlock("plural".into()))
    );
    assert_eq!(
        parse_error("{{#plural allowance}}{{other}}x{{other}}y{{/plural}}").2,
        TemplateErrorKind::DuplicateCategory("other".into())
    );
}

#[test]
fn blocks_are_nested_to_a_bounded_depth() {
    let blocks = |depth: usize| {
        let open = ["{{#price}}", "{{#plural allowance}}{{other}}"].iter().cycle().take(depth);
        let close = ["{{/price}}", "{{/plural}}"].iter().cycle().take(depth);
        let close: Vec<&str> = close.copied().collect();
        open.copied().chain(["x"]).chain(close.into_iter().rev()).collect::<String>()
    };
    Template::parse(&blocks(8), &Variable::ALL).expect("a template");
    let opened_ninth = blocks(8).find('x').expect("the text") + 1;
    assert_eq!(parse_error(&blocks(9)), (1, opened_ninth, TemplateErrorKind::TooDeep(8)));
    // Deep enough to use up the stack.
    for opening in ["{{#price}}", "{{^price}}", "{{#plural allowance}}{{other}}"] {
        let (_, _, kind) = parse_error(&opening.repeat(100_000));
        assert_eq!(kind, TemplateErrorKind::TooDeep(8));
    }
}

proptest! {
    /// Any text either parses or gives an error within the text, and its output contains no
    /// unescaped HTML.
    #[test]
    fn any_text_is_safe(text in "([a-z<>&\"' \n]|\\{\\{|\\}\\}|#plural |allowance|one|other|/plural|price|#|\\^|/){0,30}") {
        match Template::parse(&text, &Variable::ALL) {
            Ok(template) => {
                let locale = Locale::new("en").expect("a locale");
                let html = template.render(&MessageFacts::default(), &locale);
                prop_assert!(!html.contains(['<', '>', '"', '\'']));
            }
            Err(error) => prop_assert!(error.line <= text.matches('\n').count() + 1),
        }
    }
}
