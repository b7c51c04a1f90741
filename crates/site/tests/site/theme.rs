//! A publisher's theme: what it replaces, and what happens when it is broken.

use std::fs;

use masthead_publication::theme::Theme;

use crate::newspaper::{Newspaper, article, publication};

fn write(paper: &Newspaper, file: &str, content: &str) {
    let path = paper.folder.path().join("theme").join(file);
    fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    fs::write(path, content).expect("written");
}

#[tokio::test]
async fn templates_styles_and_words_can_be_replaced_one_by_one() {
    let paper = Newspaper::new().await;
    paper.publish(&article("a")).await;
    write(
        &paper,
        "error.html",
        "{% extends \"base.html\" %}{% block main %}Our own.{% endblock %}",
    );
    write(&paper, "words.toml", "sections = \"Hot off the press\"\n");
    write(&paper, "assets/style.css", "body { color: teal }");
    paper.republish(publication()).await.expect("a good theme");
    assert!(paper.browser().get("/nowhere").await.text().contains("Our own."));
    assert!(paper.browser().get("/").await.text().contains("Hot off the press"));
    assert_eq!(paper.browser().get("/assets/style.css").await.text(), "body { color: teal }");
}

#[tokio::test]
async fn a_broken_template_is_named_with_its_line_and_the_last_good_one_serves_on() {
    let paper = Newspaper::new().await;
    paper.publish(&article("a")).await;
    let broken = [
        ("home.html", "{% extends \"base.html\" %}\n{% block main %}\n{% if %}", 3, "syntax error"),
        ("article.html", "<h1>\n{{ card.headlin }}", 2, "undefined"),
        ("message.html", "\n\n{{ text | nofilter }}", 3, "unknown filter"),
        ("page.html", "{{ slot(\"walls\") }}", 1, "there is no slot"),
    ];
    for (file, content, line, reason) in broken {
        write(&paper, file, content);
        let error = paper.republish(publication()).await.expect_err("broken").to_string();
        assert!(error.starts_with(&format!("{file}, line {line}: ")), "{error}");
        assert!(error.contains(reason), "{error}");
        assert!(paper.browser().get("/").await.text().contains("Headline a"));
        fs::remove_file(paper.folder.path().join("theme").join(file)).expect("removed");
    }
    paper.republish(publication()).await.expect("good again");
}

#[tokio::test]
async fn broken_words_are_named_with_their_line() {
    let paper = Newspaper::new().await;
    write(&paper, "words.toml", "latest = \"unfinished\nby = 3\n");
    let error = paper.republish(publication()).await.expect_err("broken").to_string();
    assert!(error.contains("words.toml") && error.contains("line 1"), "{error}");
    let error = Theme::load(Some(&paper.folder.path().join("theme")), "en", &[])
        .err()
        .map(|e| e.to_string());
    assert!(error.is_some());
}
