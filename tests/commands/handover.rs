//! What a client takes home: its numbers are those of the plan, and nothing goes along that should not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use html5gum::{Token, Tokenizer};
use scalp_studio::case::Case;
use serde_json::{Value as Json, json};

use crate::args;
use crate::client::{Client, Refusal, done, done_json, refused, run, unwritable, wrong};

/// A client whose plan has days, a touch-up and a second area.
fn agreed() -> Client {
    let client = Client::planned();
    let mut plan = client.plan();
    plan["first_session"] = json!("2027-02-20");
    plan["sessions"][1]["interval_days"] = json!(14.0);
    plan["touch_up"] = json!({ "after_days": 730.0, "share": 0.5, "dilution": 10.0, "needle_mm": 0.36 });
    let mut area = plan["areas"][0].clone();
    area["name"] = json!("Right <temple> & \"scar\"");
    area["kind"] = json!("strip-scar");
    area["outline"] = json!({ "line": { "points": [[-60.0, 40.0, 20.0], [-62.0, 38.0, -10.0]], "width_mm": 4.0 } });
    area["density_per_cm2"] = json!(140.0);
    plan["areas"].as_array_mut().unwrap().push(area);
    let file = client.file("plan.json", plan.to_string());
    done(&args!["plan", "set", client.case(), file]);
    client
}

/// A client with the front photo alone, where more would only take longer.
fn in_front(client: Client) -> Client {
    let mut case = Case::open(&client.case()).unwrap();
    let left = case.view_index(Some("left")).unwrap();
    case.remove_view(left).unwrap();
    client
}

const ON_A_DAY: [&str; 2] = ["--date", "2027-01-31"];

/// What the agreed client takes home from that day.
struct HandedOver {
    /// The folder in which it was made.
    folder: String,
    report: Vec<u8>,
    page: Vec<u8>,
}

/// Made once for all tests that only read it.
fn handed_over() -> &'static HandedOver {
    static MADE: OnceLock<HandedOver> = OnceLock::new();
    MADE.get_or_init(|| {
        let client = agreed();
        let made = |product: &str, name: &str| fs::read(export(&client, product, name, &ON_A_DAY)).unwrap();
        let (report, page) = (made("report", "report.pdf"), made("page", "page.html"));
        HandedOver { folder: client.root().display().to_string(), report, page }
    })
}

fn export(client: &Client, product: &str, name: &str, options: &[&str]) -> PathBuf {
    let output = client.path(name);
    let mut arguments = args!["export", client.case(), product, "-o", output].to_vec();
    arguments.extend(options.iter().map(std::ffi::OsString::from));
    assert_eq!(done(&arguments), "");
    output
}

/// Text with one kind of space and none between digits of a number, as people write numbers.
fn plain(text: &str) -> String {
    let text = text.replace('\u{202f}', "").replace('\u{a0}', " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Text of a report: a line for each piece that was drawn, its glyphs read as the file says that they are to be read.
fn text_of_pdf(path: &Path) -> String {
    let document = lopdf::Document::load(path).unwrap();
    let mut text = String::new();
    for page in document.get_pages().into_values() {
        let fonts: BTreeMap<Vec<u8>, BTreeMap<u16, String>> = document
            .get_page_fonts(page)
            .unwrap()
            .into_iter()
            .map(|(name, font)| {
                let stream = document.get_object(font.get(b"ToUnicode").unwrap().as_reference().unwrap()).unwrap();
                (
                    name,
                    letters(&String::from_utf8(stream.as_stream().unwrap().decompressed_content().unwrap()).unwrap()),
                )
            })
            .collect();
        let content = lopdf::content::Content::decode(&document.get_page_content(page).unwrap()).unwrap();
        let mut font = None;
        for operation in content.operations {
            match operation.operator.as_str() {
                "Tf" => font = fonts.get(operation.operands[0].as_name().unwrap()),
                "TJ" => {
                    for piece in operation.operands[0].as_array().unwrap() {
                        let Ok(codes) = piece.as_str() else { continue };
                        let codes = codes.as_chunks::<2>().0.iter().map(|code| u16::from_be_bytes(*code));
                        codes.for_each(|code| text += &font.unwrap()[&code]);
                    }
                    // Lines that were wrapped end with a space of their own.
                    if !text.ends_with(' ') {
                        text.push('\n');
                    }
                }
                _ => {}
            }
        }
    }
    plain(&text)
}

/// What the codes of a font's glyphs are to be read as.
fn letters(map: &str) -> BTreeMap<u16, String> {
    assert!(!map.contains("beginbfrange"), "only single codes are written");
    let pair = |line: &str| {
        let (code, units) = line.strip_prefix('<')?.strip_suffix('>')?.split_once("> <")?;
        let units: Vec<u16> = units
            .as_bytes()
            .chunks(4)
            .map(|unit| u16::from_str_radix(std::str::from_utf8(unit).unwrap(), 16).unwrap())
            .collect();
        Some((u16::from_str_radix(code, 16).ok()?, String::from_utf16(&units).unwrap()))
    };
    map.lines().skip_while(|line| !line.ends_with("beginbfchar")).filter_map(pair).collect()
}

/// Text of a page, its pictures, and every value of an attribute.
struct Read {
    text: String,
    pictures: usize,
    values: Vec<(String, String)>,
}

fn read_page(path: &Path) -> Read {
    let html = fs::read_to_string(path).unwrap();
    let mut read = Read { text: String::new(), pictures: 0, values: Vec::new() };
    let mut skipped = false;
    for token in Tokenizer::new(&html) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => {
                let name = String::from_utf8_lossy(&tag.name).into_owned();
                skipped = name == "script" || name == "style";
                read.pictures += usize::from(name == "img");
                for (key, value) in &tag.attributes {
                    let [key, value] =
                        [key.as_slice(), value.as_slice()].map(|t| String::from_utf8_lossy(t).into_owned());
                    read.values.push((key, value));
                }
                read.text.push(' ');
            }
            Token::EndTag(_) => {
                skipped = false;
                read.text.push(' ');
            }
            Token::String(text) if !skipped => read.text += &String::from_utf8_lossy(&text),
            _ => {}
        }
    }
    read.text = plain(&read.text);
    read
}

fn number(value: &Json) -> f64 {
    value.as_f64().unwrap()
}

/// What has to stand in everything that tells of the plan, from `info`, `plan get` and `check`.
fn told(client: &Client) -> Vec<String> {
    let (info, plan) = (done_json(&args!["info", client.case(), "--json"]), client.plan());
    let mut told = Vec::new();
    let standing: Vec<u64> = info["dots_by_session"].as_array().unwrap().iter().map(|d| d.as_u64().unwrap()).collect();
    let mut before = 0;
    for (dots, session) in standing.iter().zip(plan["sessions"].as_array().unwrap()) {
        told.extend([dots.to_string(), (dots - before).to_string()]);
        told.push(format!("{}:1", number(&session["dilution"])));
        told.push(format!("{} mm", number(&session["needle_mm"])));
        before = *dots;
    }
    for area in info["areas"].as_array().unwrap() {
        let cm2 = number(&area["area_cm2"]);
        told.push(if cm2 < 10.0 { format!("{cm2:.1} cm²") } else { format!("{cm2:.0} cm²") });
        told.push(area["dots_by_session"].as_array().unwrap().last().unwrap().to_string());
        told.push(area["name"].as_str().unwrap().to_owned());
    }
    told.extend(["20 February 2027", "6 March 2027", "16 March 2027", "2 years after"].map(str::to_owned));
    for check in
        serde_json::from_str::<Json>(&run(&args!["check", client.case(), "--json"]).output).unwrap().as_array().unwrap()
    {
        told.push(check["title"].as_str().unwrap().to_owned());
        told.push(plain(check["message"].as_str().unwrap()));
    }
    told
}

#[test]
fn report_and_page_tell_the_numbers_of_the_plan() {
    let client = agreed();
    let report = text_of_pdf(&client.file("report.pdf", &handed_over().report));
    let page = read_page(&client.file("page.html", &handed_over().page)).text;
    let told = told(&client);
    assert!(told.len() > 25, "{told:?}");
    for text in &told {
        assert!(report.contains(text.as_str()), "the report lacks '{text}':\n{report}");
        assert!(page.contains(text.as_str()), "the page lacks '{text}':\n{page}");
    }
    for part in
        ["In the middle", "Above the left eye's outer corner", "simulation", "What nobody can promise", "Consent"]
    {
        assert!(report.contains(part), "{part}:\n{report}");
    }
}

#[test]
fn the_same_case_gives_the_same_bytes() {
    let client = agreed();
    let made = |product: &str, name: &str| fs::read(export(&client, product, name, &ON_A_DAY)).unwrap();
    assert!(made("report", "report.pdf") == handed_over().report);
    assert!(made("page", "page.html") == handed_over().page);
    for (product, ending) in [("quote", "pdf"), ("calendar", "ics")] {
        let [one, two] = ["one", "two"].map(|name| made(product, &format!("{name}.{ending}")));
        assert!(one == two, "{product}");
    }
}

#[test]
fn the_page_asks_the_network_for_nothing_and_escapes_what_others_wrote() {
    let client = Client::unplanned();
    let path = client.file("page.html", &handed_over().page);
    let html = fs::read_to_string(&path).unwrap();
    assert!(html.len() < 8_000_000);
    assert!(!html.contains("<temple>"), "words are escaped");
    let read = read_page(&path);
    assert!(read.text.contains("Right <temple> & \"scar\""));
    // Two views, each before and at: three sessions, healed three times, 1 year, touched up, 5 and 10 years.
    // Then the work as a laser fades it: healed, and after three sessions.
    let removal = 4;
    assert_eq!(read.pictures, 2 * (1 + 3 + 3 + 1 + 1 + 2) + removal);
    for (key, value) in &read.values {
        let loads = ["src", "href", "srcset", "action", "poster", "data"].contains(&key.as_str());
        assert!(!loads || value.starts_with("data:"), "{key}={}", &value[..value.len().min(80)]);
        assert!(!key.starts_with("on") && key != "style", "{key} would be refused by the page's own policy");
    }
    let policy = read.values.iter().find(|(_, value)| value.contains("default-src")).unwrap();
    assert!(policy.1.contains("default-src 'none'") && !policy.1.contains("unsafe"), "{}", policy.1);
    let described = read.values.iter().filter(|(key, value)| key == "alt" && value.contains("ront,")).count();
    assert_eq!(described, (read.pictures - removal) / 2, "each picture says what it shows");
}

#[test]
fn nothing_goes_along_that_should_not() {
    let client = agreed();
    let own_folder = client.root().display().to_string();
    let HandedOver { folder, report, page } = handed_over();
    let made = |product: &str, name: &str| fs::read(export(&client, product, name, &[])).unwrap();
    let (days, quote) = (made("calendar", "days.ics"), made("quote", "quote.pdf"));
    for (product, bytes, folder) in [
        ("report", report, folder),
        ("page", page, folder),
        ("calendar", &days, &own_folder),
        ("quote", &quote, &own_folder),
    ] {
        let holds = |text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
        for secret in ["Phone 4711", "Exif\0\0", folder.as_str(), "client.scalp", "front.jpg"] {
            assert!(!holds(secret), "{product} holds {secret}");
        }
    }
    // Pictures of a page are written as text.
    let read = read_page(&client.file("page.html", page));
    let mut pictures = read.values.iter().filter_map(|(_, value)| value.strip_prefix("data:image/jpeg;base64,"));
    assert!(pictures.clone().count() == read.pictures && read.pictures > 0);
    // A segment of camera data would be the first one.
    assert!(pictures.all(|picture| !picture.starts_with("/9j/4Q")), "a segment of camera data");
    // Who the client is stands on the cover and in nothing that a computer lists.
    let document = lopdf::Document::load_mem(report).unwrap();
    let info = document.trailer.get(b"Info").and_then(|info| info.as_reference()).unwrap();
    let info = format!("{:?}", document.get_object(info).unwrap());
    assert!(!info.contains("client") && info.contains("Title"), "{info}");
    let days = String::from_utf8(days).unwrap();
    assert!(!days.contains("client"), "calendars are synchronised with servers: {days}");
}

#[test]
fn the_calendar_has_the_days_of_the_plan() {
    let client = agreed();
    let studio = client.file("studio.toml", "[letterhead]\nname = \"North; South, & Co\"\nlines = [\"1 Long Lane\"]\n");
    let path = export(&client, "calendar", "days.ics", &["--studio", studio.to_str().unwrap()]);
    let days = fs::read_to_string(&path).unwrap();
    let unfolded = days.replace("\r\n ", "");
    let of = |key: &str| -> Vec<&str> { unfolded.lines().filter_map(|line| line.strip_prefix(key)).collect() };
    assert_eq!(of("DTSTART;VALUE=DATE:"), ["20270220", "20270306", "20270316", "20290315"]);
    assert_eq!(of("SUMMARY:")[1], "Scalp micropigmentation\\, session 2 of 3");
    assert!(of("LOCATION:").iter().all(|place| *place == "North\\; South\\, & Co\\, 1 Long Lane"), "{unfolded}");
    let info = done_json(&args!["info", client.case(), "--json"]);
    assert!(
        plain(of("DESCRIPTION:")[0]).starts_with(&format!("About {} dots\\, ", info["dots_by_session"][0])),
        "{unfolded}"
    );
    assert!(days.starts_with("BEGIN:VCALENDAR\r\n") && days.ends_with("END:VCALENDAR\r\n"));
    assert_eq!(of("DTSTAMP:").len(), 4);
    let names: BTreeSet<&str> = of("UID:").into_iter().collect();
    assert_eq!(names.len(), 4);

    // A changed plan moves the events; it makes no others.
    let mut plan = client.plan();
    plan["first_session"] = json!("2027-03-01");
    let file = client.file("plan.json", plan.to_string());
    done(&args!["plan", "set", client.case(), file]);
    let moved = fs::read_to_string(export(&client, "calendar", "days.ics", &[])).unwrap();
    assert!(moved.contains("DTSTART;VALUE=DATE:20270301"));
    assert!(names.iter().all(|name| moved.contains(name)));
}

#[test]
fn days_that_nobody_agreed_on_are_in_no_calendar() {
    let client = Client::planned();
    let output = client.path("days.ics");
    let arguments = args!["export", client.case(), "calendar", "-o", output];
    refused(client.root(), &arguments, &wrong(&client.case(), "no day for the first session"));
}

#[test]
fn a_quote_is_the_studio_s_price_of_the_plan_s_extent() {
    let client = in_front(agreed());
    let studio = client.file(
        "studio.toml",
        "[prices]\ncurrency = \"EUR\"\nvalid_days = 14\nrates = [\n\
         { for = [\"full-shave\"], by = \"dots\", each = 100 },\n\
         { for = [\"strip-scar\"], by = \"class\", classes = { \"norwood-3\" = 250.5 } },\n]\n\
         [prices.tax]\nname = \"VAT\"\npercent = 19\n",
    );
    let options = ["--studio", studio.to_str().unwrap(), "--class", "norwood-3", "--date", "2027-01-31"];
    let info = done_json(&args!["info", client.case(), "--json"]);
    let dots = info["areas"][0]["dots_by_session"].as_array().unwrap().last().unwrap().as_u64().unwrap();
    let cents = (dots as f64 * 10.0).round() as u64 + 25_050;
    let tax = (cents as f64 * 0.19).round() as u64;
    let text = |cents: u64| match cents % 100 {
        0 => format!("EUR {}", cents / 100),
        rest => format!("EUR {}.{rest:02}", cents / 100),
    };
    let said = plain(&fs::read_to_string(export(&client, "quote", "quote.txt", &options)).unwrap());
    assert!(said.contains(&format!("{dots} dots at EUR 100 a thousand")), "{said}");
    assert!(said.contains(&format!("VAT 19 %: {}", text(tax))), "{said}");
    assert!(said.contains(&format!("Total: {}", text(cents + tax))) && !said.contains("examples"), "{said}");
    let quote = text_of_pdf(&export(&client, "quote", "quote.pdf", &options));
    let report = text_of_pdf(&export(&client, "report", "report.pdf", &options));
    let page = read_page(&export(&client, "page", "page.html", &options)).text;
    for told in [quote, report, page] {
        assert!(told.contains(&text(cents + tax)) && told.contains(&text(tax)), "{told}");
        assert!(told.contains("valid until 14 February 2027"), "{told}");
    }
}

#[test]
fn a_wrong_studio_s_file_is_refused_with_its_line() {
    let client = Client::planned();
    let output = client.path("report.pdf");
    let studio = client.file("studio.toml", "[letterhead]\nname = \"A\"\naccent = \"teal\"\n");
    let arguments = args!["export", client.case(), "report", "-o", output, "--studio", studio];
    refused(client.root(), &arguments, &wrong(&studio, "line 3: a colour is '#' and six digits"));
    let studio = client.file("studio.toml", "[letterhead]\nname = \"A\"\nlogo = \"nowhere.png\"\n");
    let arguments = args!["export", client.case(), "report", "-o", output, "--studio", studio];
    refused(client.root(), &arguments, &wrong(&studio, "the logo"));
    let arguments = args!["export", client.case(), "quote", "-o", output, "--class", "norwood-9"];
    refused(client.root(), &arguments, &wrong(&client.case(), "no class 'norwood-9'"));
}

#[test]
fn an_earlier_report_is_replaced_and_nothing_else() {
    let client = in_front(Client::planned());
    let quote = export(&client, "quote", "quote.pdf", &[]);
    let HandedOver { report, page, .. } = handed_over();
    for (product, name, earlier) in
        [("report", "a.pdf", report), ("page", "a.html", page), ("quote", "b.pdf", &fs::read(quote).unwrap())]
    {
        let path = client.file(name, earlier);
        export(&client, product, name, &ON_A_DAY);
        fs::write(&path, "%PDF-1.7 <html> somebody's own").unwrap();
        let arguments = args!["export", client.case(), product, "-o", path];
        refused(client.root(), &arguments, &wrong(&path, "has not written"));
        done(&args!["export", client.case(), product, "-o", path, "--force"]);
    }
    let nowhere = client.path("no folder").join("report.pdf");
    let arguments = args!["export", client.case(), "report", "-o", nowhere];
    refused(client.root(), &arguments, &unwritable(&nowhere, "the folder does not exist"));
}

#[test]
fn a_no_of_the_client_is_heeded_and_what_was_handed_over_is_noted() {
    let client = Client::planned();
    export(&client, "quote", "quote.txt", &[]);
    let trail = done(&args!["trail", client.case()]);
    assert!(trail.contains("Export quote for record, to "), "{trail}");
    let output = client.path("report.pdf");
    let arguments = args!["export", client.case(), "report", "-o", output, "--for", "marketing"];
    refused(client.root(), &arguments, &wrong(&client.case(), "consent to marketing is not recorded"));
    done(&args!["consent", client.case(), "--view", "left", "--revoke", "record"]);
    let arguments = args!["export", client.case(), "report", "-o", output];
    refused(
        client.root(),
        &arguments,
        &wrong(&client.case(), "view 'left': the client's consent to record was revoked"),
    );
}

#[test]
fn plans_side_by_side_name_every_plan_in_page_and_report() {
    let client = agreed();
    // A second plan, lower and with other sessions.
    let mut case = Case::open(&client.case()).unwrap();
    let mut document = case.document().clone();
    let copy = document.copy_variant(0).unwrap();
    document.variants[copy].plan.sessions.truncate(2);
    document.variants[copy].plan.sessions[1].cumulative_share = 1.0;
    document.variants[copy].plan.areas.truncate(1);
    document.variants[copy].plan.areas[0].density_per_cm2 = 50.0;
    case.commit("Another plan", document).unwrap();
    drop(case);
    let second = ["--variant", "B"];
    let quote = plain(&fs::read_to_string(export(&client, "quote", "b.txt", &second)).unwrap());
    let total = quote.split("Total: ").nth(1).unwrap().split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    let report = text_of_pdf(&export(&client, "report", "report.pdf", &[]));
    let page = read_page(&export(&client, "page", "page.html", &[])).text;
    for told in [&report, &page] {
        assert!(told.contains("side by side") && told.contains("Plan A, healed") && told.contains("Plan B, healed"));
        assert!(told.contains(&total), "{total} of the quote of plan B:\n{told}");
    }
    let sheet = export(&client, "variants", "plans.jpg", &[]);
    let picture = image::open(&sheet).unwrap();
    assert!(picture.width() > picture.height() && picture.width() > 400, "{} x {}", picture.width(), picture.height());
    // What the program has written may be replaced by it.
    export(&client, "variants", "plans.jpg", &[]);
}

#[test]
fn what_may_come_later_is_shown_or_refused_with_the_reason() {
    let client = agreed();
    let output = client.path("loss.jpg");
    let arguments = args!["export", client.case(), "hair-loss", "-o", output];
    refused(client.root(), &arguments, &wrong(&client.case(), "the photos show no shaved hair"));
    let arguments = args!["export", client.case(), "hair-loss", "-o", output, "--class", "ludwig-1"];
    refused(client.root(), &arguments, &wrong(&client.case(), "Ludwig's scale is of women's hair loss"));
    let arguments = args!["export", client.case(), "hair-loss", "-o", output, "--class", "ludwig-4"];
    refused(client.root(), &arguments, &Refusal { code: 2, path: None, says: "hair loss is shown for norwood-5" });
    let output = client.path("removal.txt");
    let arguments = args!["export", client.case(), "removal", "-o", output];
    refused(client.root(), &arguments, &Refusal { code: 2, path: None, says: "" });
    let sheet = image::open(export(&client, "removal", "removal.png", &[])).unwrap().to_rgb8();
    // Healed work fades from left to right.
    let quarter = sheet.width() / 4;
    let light = |k: u32| -> u64 {
        let part = image::imageops::crop_imm(&sheet, k * quarter, 0, quarter, quarter).to_image();
        part.pixels().map(|pixel| u64::from(pixel[1])).sum()
    };
    let lights: Vec<u64> = (0..4).map(light).collect();
    assert!(lights.windows(2).all(|pair| pair[1] > pair[0]), "{lights:?}");
    let report = text_of_pdf(&client.file("report.pdf", &handed_over().report));
    assert!(report.contains("What may come later") && report.contains("no shaved hair at the sides"), "{report}");
    assert!(report.contains("22 % of the pigment left"), "{report}");
}

#[test]
fn films_are_of_the_kind_that_their_name_says() {
    let client = agreed();
    for (name, start) in [("film.gif", &b"GIF89a"[..]), ("film.webp", &b"RIFF"[..])] {
        let path = export(&client, "animation", name, &[]);
        let bytes = fs::read(&path).unwrap();
        assert!(bytes.starts_with(start) && bytes.len() < 8_000_000, "{name}: {} bytes", bytes.len());
        // An earlier one is replaced, anything else is not.
        export(&client, "animation", name, &[]);
        fs::write(&path, b"somebody's own").unwrap();
        let arguments = args!["export", client.case(), "animation", "-o", path];
        refused(client.root(), &arguments, &wrong(&path, "has not written"));
    }
    // Without the tool that makes it, a video is refused in a sentence.
    let output = client.path("film.mp4");
    let arguments = args!["export", client.case(), "animation", "-o", output];
    let mut without = crate::client::program(&arguments);
    let outcome = crate::client::outcome(without.env("PATH", ""));
    let says = "MP4 is made by ffmpeg, which is not installed here";
    crate::client::check_refusal(&outcome, &arguments, &wrong(&client.case(), says));
}

#[test]
fn a_signature_stands_in_report_and_page_and_a_later_change_is_told() {
    let client = in_front(agreed());
    let mut case = Case::open(&client.case()).unwrap();
    let mut document = case.document().clone();
    let strokes = vec![vec![[0.1, 0.1], [0.3, 0.2], [0.5, 0.05], [0.7, 0.2]]];
    document.sign(0, "Anna Müller", jiff::civil::date(2027, 2, 3), strokes).unwrap();
    case.commit("Sign the plan", document).unwrap();
    drop(case);
    let hash = Case::open(&client.case()).unwrap().document().signatures[0].plan_sha256.clone();
    let told = || {
        let report = text_of_pdf(&export(&client, "report", "report.pdf", &[]));
        let page = read_page(&export(&client, "page", "page.html", &[])).text;
        [report, page]
    };
    for text in told() {
        assert!(text.contains("Signed by Anna Müller on 3 February 2027.") && text.contains(&hash), "{text}");
    }
    let mut plan = client.plan();
    plan["seed"] = json!(12_345);
    let file = client.file("plan.json", plan.to_string());
    done(&args!["plan", "set", client.case(), file]);
    for text in told() {
        assert!(text.contains("before the plan was changed: it has to be signed again"), "{text}");
    }
}

#[test]
fn names_of_all_scripts_are_printed_as_far_as_the_machine_has_their_letters() {
    let client = agreed();
    let name = "Анна 山田 محمد";
    let case = client.path(&format!("{name}.scalp"));
    fs::copy(client.case(), &case).unwrap();
    let output = client.path("quote.pdf");
    let outcome = run(&args!["export", case, "quote", "-o", output]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.errors);
    let text = text_of_pdf(&output);
    for letter in name.chars().filter(|letter| !letter.is_whitespace()) {
        // A letter that is named has no form on the page, but search and screen readers may still find it there.
        let told = outcome.errors.contains(letter);
        assert!(told || text.contains(letter), "{letter} is neither printed nor named as one that is not: {text}");
        assert!(!(told && "Анна".contains(letter)), "{letter} is the program's own");
    }
    assert!(text.contains("Анна"), "Cyrillic letters are the program's own: {text}");
}
