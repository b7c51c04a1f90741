//! What `masthead doctor` finds in DNS about the domain of the sender.

use std::{
    collections::HashMap,
    net::{SocketAddr, UdpSocket},
    thread,
};

use crate::workshop::Workshop;

const TXT: u16 = 16;
const MX: u16 = 15;

/// A name server that knows these records, by name and type.
fn serve(records: &[(&str, u16, &str)]) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let address = socket.local_addr().expect("an address");
    let mut known: HashMap<(String, u16), Vec<Vec<u8>>> = HashMap::new();
    for (name, kind, text) in records {
        let data = if *kind == TXT { strings(text) } else { exchange(text) };
        known.entry(((*name).to_owned(), *kind)).or_default().push(data);
    }
    thread::spawn(move || {
        let mut question = [0; 1024];
        while let Ok((length, client)) = socket.recv_from(&mut question) {
            let _ = socket.send_to(&answer(&question[..length], &known), client);
        }
    });
    address
}

/// A text in two strings, as long ones are.
fn strings(text: &str) -> Vec<u8> {
    let (first, second) = text.split_at(text.len() / 2);
    [first, second].iter().flat_map(|part| labeled(part)).collect()
}

fn labeled(part: &str) -> Vec<u8> {
    let length = u8::try_from(part.len()).expect("a short text");
    [&[length], part.as_bytes()].concat()
}

fn exchange(name: &str) -> Vec<u8> {
    let labels = name.split('.').filter(|label| !label.is_empty()).flat_map(labeled);
    [0, 10].into_iter().chain(labels).chain([0]).collect()
}

/// The answer to a question (RFC 1035, section 4.1).
fn answer(question: &[u8], known: &HashMap<(String, u16), Vec<Vec<u8>>>) -> Vec<u8> {
    let (mut labels, mut at) = (Vec::new(), 12);
    while question[at] != 0 {
        let end = at + 1 + usize::from(question[at]);
        labels.push(String::from_utf8_lossy(&question[at + 1..end]).to_lowercase());
        at = end;
    }
    let kind = u16::from_be_bytes([question[at + 1], question[at + 2]]);
    let name = labels.join(".");
    let found = known.get(&(name.clone(), kind)).cloned().unwrap_or_default();
    let exists = known.keys().any(|(known, _)| *known == name);
    let code = if exists { 0 } else { 3 };
    let count = u8::try_from(found.len()).expect("few");
    let mut answer = question[..2].to_vec();
    answer.extend([0x81, 0x80 | code, 0, 1, 0, count, 0, 0, 0, 0]);
    answer.extend(&question[12..at + 5]);
    for data in found {
        answer.extend([0xc0, 12]);
        answer.extend(kind.to_be_bytes());
        answer.extend([0, 1, 0, 0, 0, 60]);
        answer.extend(u16::try_from(data.len()).expect("short").to_be_bytes());
        answer.extend(data);
    }
    answer
}

/// What the doctor says about mail, with a selector for DKIM or none.
fn doctor(server: SocketAddr, selector: &str) -> String {
    let workshop = Workshop::new();
    workshop.configure(
        "# from = \"My Paper <news@paper.example>\"\n# relay = \"smtps://user:password@mail.example\"",
        &format!(
            "from = \"My Paper <news@news.paper.example>\"\nrelay = \"smtp://127.0.0.1:1\"\n\
             bounces = \"back@back.example\"\ndkim_selector = \"{selector}\""
        ),
    );
    let out = workshop.run(&["doctor", "--resolver", &server.to_string()]).out;
    out.lines()
        .skip_while(|line| !line.contains(" mail SPF"))
        .map(|line| format!("{line}\n"))
        .collect()
}

#[test]
fn good_records_are_found() {
    let server = serve(&[
        ("back.example", TXT, "something else"),
        ("back.example", TXT, "v=spf1 include:spf.mail.example -all"),
        ("k1._domainkey.news.paper.example", TXT, "v=DKIM1; k=rsa; p=MIIB"),
        ("_dmarc.paper.example", TXT, "v=DMARC1; p=none; rua=mailto:a@paper.example"),
        ("back.example", MX, "mx.mail.example"),
        ("news.paper.example", MX, "mx.mail.example"),
    ]);
    let said = doctor(server, "k1");
    for line in [
        "ok       mail SPF       back.example: v=spf1 include:spf.mail.example -all",
        "ok       mail DKIM      k1._domainkey.news.paper.example has a key",
        "ok       mail DMARC     _dmarc.paper.example: v=DMARC1; p=none",
        "ok       mail MX        back.example mx.mail.example",
        "ok       mail MX        news.paper.example mx.mail.example",
    ] {
        assert!(said.contains(line), "{line} is not in\n{said}");
    }
}

#[test]
fn each_missing_record_has_a_remedy() {
    let said = doctor(serve(&[]), "k1");
    for (what, remedy) in [
        ("mail SPF       back.example does not say", "add a TXT record at back.example"),
        ("mail DKIM      k1._domainkey.news.paper.example has no key", "your mail provider names"),
        (
            "mail DMARC     news.paper.example has no policy",
            "_dmarc.news.paper.example: \"v=DMARC1",
        ),
        ("mail MX        no server takes mail to back.example", "add an MX record"),
    ] {
        assert!(said.contains(&format!("warning  {what}")), "{what} is not in\n{said}");
        assert!(said.contains(remedy), "{remedy} is not in\n{said}");
    }
    assert!(doctor(serve(&[]), "").contains("write the selector"), "without a selector");
}

#[test]
fn records_that_do_not_count_are_errors() {
    let said = doctor(
        serve(&[
            ("back.example", TXT, "v=spf1 -all"),
            ("back.example", TXT, "v=spf1 ~all"),
            ("k1._domainkey.news.paper.example", TXT, "v=DKIM1; p="),
            ("_dmarc.news.paper.example", TXT, "v=DMARC1; sp=none"),
            ("back.example", MX, "."),
        ]),
        "k1",
    );
    for line in [
        "error    mail SPF       back.example has 2 SPF records",
        "error    mail DKIM      the key at k1._domainkey.news.paper.example was revoked",
        "error    mail DMARC     what _dmarc.news.paper.example says does not count",
        "warning  mail MX        no server takes mail to back.example",
    ] {
        assert!(said.contains(line), "{line} is not in\n{said}");
    }
    let open = doctor(serve(&[("back.example", TXT, "v=spf1 +all")]), "");
    assert!(open.contains("lets every server send its mail"), "{open}");
}

#[test]
fn a_server_that_does_not_answer_is_said_so() {
    let silent = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let said = doctor(silent.local_addr().expect("an address"), "k1");
    assert_eq!(said.matches("could not be checked").count(), 5, "{said}");
}
