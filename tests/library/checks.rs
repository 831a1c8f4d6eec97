//! What the checks find: for each rule a plan that breaks it, a similar one that does not, and a remedy that helps.

use std::sync::{Arc, OnceLock};

use crate::args;
use crate::client::{Client as Folder, done, run, wrong};
use glam::{DVec2, DVec3};
use scalp_studio::case::Case;
use scalp_studio::case::picks::PickedTone;
use scalp_studio::checks::limits::LIMITS;
use scalp_studio::checks::{self, Client, Finding, Rule, Severity, Shown};
use scalp_studio::follicles::dots::Dot;
use scalp_studio::head::standard_view::StandardView;
use scalp_studio::head::{Head, Part, placement};
use scalp_studio::photo::Region;
use scalp_studio::plan::Plan;
use scalp_studio::plan::area::{Effect, Outline, Stroke};
use scalp_studio::plan::hairline::{Edge, PRESETS, Preset};
use scalp_studio::plan::treatment::{TREATMENTS, Treatment as Kind};
use scalp_studio::reading::tissue::Skin;
use scalp_studio::reading::tone::Tone;
use scalp_studio::reading::views::View;
use scalp_studio::render::mock_up::{MockUp, Scalp};
use serde_json::Value as Json;

/// The average head with both surfaces laid out, for plans of seed 1.
fn scalp() -> &'static Arc<Scalp> {
    static SCALP: OnceLock<Arc<Scalp>> = OnceLock::new();
    SCALP.get_or_init(|| {
        let head = Head::average();
        let plan = Plan::for_treatment(Kind::Beard, None, &head);
        Scalp::new(head, &plan)
    })
}

fn plan_of(kind: Kind, preset: Option<Preset>) -> Plan {
    Plan::for_treatment(kind, preset, &scalp().head)
}

fn found_with(plan: &Plan, client: &Client) -> Vec<Finding> {
    plan.check().unwrap();
    checks::findings(plan, &MockUp::new(plan, scalp(), Skin::default()), client, &[])
}

fn found(plan: &Plan) -> Vec<Finding> {
    found_with(plan, &Client::default())
}

fn finding(plan: &Plan, rule: Rule, client: &Client) -> Option<Finding> {
    found_with(plan, client).into_iter().find(|f| f.rule == rule)
}

/// Asserts that the rule is broken with this severity, and that its remedy, if one can be applied, ends that without
/// adding findings of other rules.
#[track_caller]
fn broken_for(plan: &Plan, rule: Rule, severity: Severity, client: &Client) -> Finding {
    let before = found_with(plan, client);
    let Some(finding) = before.iter().find(|f| f.rule == rule).cloned() else {
        panic!("{rule:?} is not found: {before:#?}")
    };
    assert_eq!(finding.severity, severity, "{finding:?}");
    let measured = finding.measured.unwrap();
    assert_eq!(rule.limit().judge(measured.value), Some((severity, measured.limit)));
    if finding.remedy.can_be_applied() {
        let better = finding.remedy.apply(plan, &scalp().head);
        let after = found_with(&better, client);
        assert!(after.iter().all(|f| f.rule != rule), "'{}' does not help: {after:#?}", finding.remedy.label());
        let others = |all: &[Finding]| all.iter().filter(|f| f.measured.is_some() && f.rule != rule).count();
        assert!(others(&after) <= others(&before), "'{}' does harm: {after:#?}", finding.remedy.label());
    }
    finding
}

#[track_caller]
fn broken(plan: &Plan, rule: Rule, severity: Severity) -> Finding {
    broken_for(plan, rule, severity, &Client::default())
}

#[track_caller]
fn kept(plan: &Plan, rule: Rule) {
    let finding = finding(plan, rule, &Client::default());
    assert!(finding.as_ref().is_none_or(|f| f.measured.is_none()), "{finding:?}");
}

/// The plan of a full shave, changed.
fn shave(change: impl FnOnce(&mut Plan)) -> Plan {
    let mut plan = plan_of(Kind::FullShave, None);
    change(&mut plan);
    plan
}

#[test]
fn a_new_plan_has_no_warnings_whatever_its_treatment_and_hairline() {
    for kind in TREATMENTS {
        // Only some plans have a hairline.
        let presets: &[Preset] = match kind {
            Kind::FullShave | Kind::Receding => &PRESETS,
            _ => &[kind.preset()],
        };
        for &preset in presets {
            let all = found(&plan_of(kind, Some(preset)));
            let bad: Vec<&Finding> = all.iter().filter(|f| f.severity > Severity::Note).collect();
            assert!(bad.is_empty(), "{} {}: {bad:#?}", kind.name(), preset.name());
        }
    }
}

#[test]
fn a_low_line_is_found_by_the_millimetre_and_moved_back() {
    let moved = |height_mm: f64| {
        shave(|p| {
            let head = &scalp().head;
            let now =
                head.tape(Part::Cranium, head.glabella().position, p.hairline.mid_frontal(head).position).length_mm;
            p.hairline = p.hairline.moved_back(head, height_mm - now);
        })
    };
    kept(&moved(70.6), Rule::LowLine);
    let finding = broken(&moved(69.0), Rule::LowLine, Severity::Warn);
    assert!((finding.measured.unwrap().value - 69.0).abs() < 0.4, "{finding:?}");
    assert!(finding.place.unwrap().point.position.x.abs() < 1.0);
    broken(&moved(60.8), Rule::LowLine, Severity::Warn);
    let strong = broken(&moved(58.0), Rule::LowLine, Severity::Strong);
    assert_eq!((strong.remedy.label(), strong.measured.unwrap().limit), ("Move the line to 70 mm", 60.0));
    // Women's hairlines sit lower.
    let mut woman = moved(66.0);
    woman.hairline.preset = Preset::Female;
    kept(&woman, Rule::LowLine);
}

#[test]
fn a_ruler_straight_line_is_found() {
    let with = |undulation_mm: f64, clusters: f64| {
        shave(|p| {
            let edge = &mut p.hairline.edge;
            (edge.undulation_mm, edge.clusters, edge.transition_mm) = (undulation_mm, clusters, 4.0);
        })
    };
    let straight = broken(&with(0.0, 0.0), Rule::StraightLine, Severity::Warn);
    assert!(straight.measured.unwrap().value < 0.5, "{straight:?}");
    kept(&with(2.0, 0.4), Rule::StraightLine);
}

#[test]
fn a_hard_edge_and_a_missing_gradient_are_found() {
    let edge = |start_share: f64, transition_mm: f64, transition_share: f64, defined_mm: f64| {
        shave(|p| {
            let edge = &mut p.hairline.edge;
            *edge = Edge { start_share, transition_mm, transition_share, defined_mm, ..edge.clone() };
        })
    };
    let hard = edge(0.9, 2.0, 1.0, 10.0);
    broken(&hard, Rule::HardEdge, Severity::Warn);
    broken(&hard, Rule::NoGradient, Severity::Warn);
    let soft = edge(0.2, 2.0, 0.75, 24.0);
    kept(&soft, Rule::HardEdge);
    kept(&soft, Rule::NoGradient);
    // Sparse at the line, full three millimetres behind it: so many are looked at for a hard edge.
    let flat = edge(0.3, 3.0, 1.0, 10.0);
    kept(&flat, Rule::HardEdge);
    broken(&flat, Rule::NoGradient, Severity::Warn);
    // Brushing the edge full is found as well.
    let filled = shave(|p| {
        let line = p.hairline.line(&scalp().head);
        let front = line.iter().filter(|q| q.position.x.abs() < 60.0 && q.position.z > 0.0).step_by(8);
        p.strokes.push(Stroke {
            part: Part::Cranium,
            points: front.map(|q| q.position.to_array()).collect(),
            radius_mm: 12.0,
            change_per_cm2: 150.0,
            effect: Effect::Change,
            hardness: 0.0,
            off: false,
        });
    });
    broken(&filled, Rule::HardEdge, Severity::Warn);
}

#[test]
fn a_corner_that_is_filled_or_moved_inward_is_found() {
    let corner = |inward_mm: f64, down_mm: f64| {
        shave(|p| {
            let skin = &scalp().head.cranium;
            let [x, y, _] = p.hairline.points[3];
            let seen = skin.hit(DVec3::new(x - inward_mm, y - down_mm, 400.0), DVec3::NEG_Z).unwrap().1;
            p.hairline.points[3] = seen.position.to_array();
        })
    };
    kept(&corner(0.0, 0.0), Rule::FilledCorner);
    kept(&corner(0.0, 3.0), Rule::FilledCorner);
    kept(&corner(4.0, 0.0), Rule::FilledCorner);
    broken(&corner(0.0, 22.0), Rule::FilledCorner, Severity::Warn);
    let inward = broken(&corner(14.0, 14.0), Rule::FilledCorner, Severity::Warn);
    assert!(inward.place.unwrap().point.position.x.abs() > 20.0, "{inward:?}");
    // The same on one side only, in a line that is not mirrored.
    let mut one = corner(0.0, 22.0);
    let even = plan_of(Kind::FullShave, None).hairline.all_points(&scalp().head);
    let mut points = one.hairline.all_points(&scalp().head);
    let middle = points.len() / 2;
    points[..middle].clone_from_slice(&even[..middle]);
    (one.hairline.points, one.hairline.mirrored) = (points, false);
    let left = broken(&one, Rule::FilledCorner, Severity::Warn);
    assert!(left.place.unwrap().point.position.x > 0.0);
}

#[test]
fn uneven_sides_are_found_and_made_symmetrical() {
    let lowered = |mm: f64| {
        shave(|p| {
            let head = &scalp().head;
            (p.hairline.points, p.hairline.mirrored) = (p.hairline.all_points(head), false);
            let at = p.hairline.points.len() / 2 - 2;
            let point = DVec3::from(p.hairline.points[at]) - DVec3::new(0.0, mm, 0.0);
            p.hairline.points[at] = head.cranium.nearest(point).position.to_array();
        })
    };
    kept(&lowered(0.0), Rule::UnevenSides);
    kept(&lowered(3.0), Rule::UnevenSides);
    let uneven = broken(&lowered(9.0), Rule::UnevenSides, Severity::Warn);
    assert!(uneven.measured.unwrap().value < 12.0, "{uneven:?}");
}

#[test]
fn too_many_dots_and_too_few_are_found() {
    let at = |per_cm2: f64| shave(|p| p.areas[0].density_per_cm2 = per_cm2);
    kept(&at(144.0), Rule::Dense);
    broken(&at(160.0), Rule::Dense, Severity::Warn);
    broken(&at(225.0), Rule::Dense, Severity::Strong);
    kept(&at(44.0), Rule::Sparse);
    broken(&at(36.0), Rule::Sparse, Severity::Warn);
    // What counts is the density after the last session.
    let mut half = at(60.0);
    half.sessions.truncate(1);
    half.sessions[0].cumulative_share = 0.5;
    broken(&half, Rule::Sparse, Severity::Warn);
    // Between long hair, few dots are intended.
    let mut between = plan_of(Kind::Density, None);
    between.areas[0].density_per_cm2 = 30.0;
    kept(&between, Rule::Sparse);
    // A thin band is judged by its density, too.
    let mut scar = plan_of(Kind::StripScar, None);
    kept(&scar, Rule::Dense);
    scar.areas[0].density_per_cm2 = 190.0;
    broken(&scar, Rule::Dense, Severity::Warn);
}

fn dab(change_per_cm2: f64, radius_mm: f64) -> Stroke {
    let crown = scalp().head.cranium.below(DVec3::new(10.0, 70.0, -50.0)).position;
    Stroke {
        part: Part::Cranium,
        points: vec![crown.to_array()],
        radius_mm,
        change_per_cm2,
        effect: Effect::Change,
        hardness: 0.0,
        off: false,
    }
}

#[test]
fn a_spot_brushed_denser_or_thinner_is_found_in_its_place() {
    let with = |change: f64, radius_mm: f64| shave(|p| p.strokes.push(dab(change, radius_mm)));
    kept(&with(-30.0, 9.0), Rule::Patchy);
    let thin = broken(&with(-90.0, 9.0), Rule::Patchy, Severity::Warn);
    let crown = DVec3::from(dab(0.0, 1.0).points[0]);
    assert!(thin.place.unwrap().point.position.distance(crown) < 8.0, "{thin:?}");
    broken(&with(90.0, 9.0), Rule::Patchy, Severity::Warn);
    let dense = broken(&with(80.0, 22.0), Rule::Dense, Severity::Warn);
    assert!(dense.place.unwrap().point.position.distance(crown) < 12.0, "{dense:?}");
    // A wide, gentle thinning is no patch.
    kept(&with(-60.0, 70.0), Rule::Patchy);
}

#[test]
fn dots_in_rows_dots_in_clumps_and_touching_dots_are_found() {
    let plan = shave(|_| ());
    let usual = MockUp::new(&plan, scalp(), Skin::default());
    let looked = |place: &dyn Fn(usize, DVec3) -> DVec3| {
        let mut mock_up = usual.clone();
        let moved = |(i, dot): (usize, &Dot)| {
            let position = scalp().head.cranium.below(place(i, dot.position)).position;
            Dot { position, ..*dot }
        };
        mock_up.dots = usual.dots.iter().enumerate().map(moved).collect();
        let rules: Vec<Rule> =
            checks::findings(&plan, &mock_up, &Client::default(), &[]).iter().map(|f| f.rule).collect();
        rules
    };
    let calm = looked(&|_, p| p);
    assert!(![Rule::GridDots, Rule::ClumpedDots, Rule::TouchingDots].iter().any(|r| calm.contains(r)), "{calm:?}");
    // A square grid on the top of the head, as dense as the dots were.
    let mut mock_up = usual.clone();
    let kind = *usual.dots.iter().find(|d| d.density_per_cm2 > 105.0).unwrap();
    let step = 10.0 / 106.0_f64.sqrt();
    mock_up.dots = (0..3600_i32)
        .map(|k| {
            let (x, z) = (f64::from(k % 60 - 30) * step, f64::from(k / 60 - 30) * step - 10.0);
            let skin = scalp().head.cranium.hit(DVec3::new(x, 400.0, z), DVec3::NEG_Y).unwrap().1;
            Dot { position: skin.position, normal: skin.normal, ..kind }
        })
        .collect();
    let rules = |t: &MockUp| -> Vec<Rule> {
        checks::findings(&plan, t, &Client::default(), &[]).iter().map(|f| f.rule).collect()
    };
    let rows = rules(&mock_up);
    assert!(rows.contains(&Rule::GridDots) && !rows.contains(&Rule::ClumpedDots), "{rows:?}");
    // Dots displaced by several spacings clump as if scattered at random, and some of them touch.
    let thrown = looked(&|i, p| {
        let angle = 2.399_963 * (i as f64) * 7.0;
        let far = 3.0 * (0.5 + 0.5 * libm::sin(12.9898 * i as f64));
        let (s, c) = libm::sincos(angle);
        p + DVec3::new(c, 0.0, s) * far
    });
    assert!(thrown.contains(&Rule::ClumpedDots) && !thrown.contains(&Rule::GridDots), "{thrown:?}");
    assert!(thrown.contains(&Rule::TouchingDots), "{thrown:?}");
}

#[test]
fn large_dots_and_dots_that_nearly_touch_get_a_finer_needle() {
    let needle = |mm: f64, per_cm2: f64| {
        shave(|p| {
            p.areas[0].density_per_cm2 = per_cm2;
            p.sessions.iter_mut().for_each(|s| s.needle_mm = mm);
        })
    };
    kept(&needle(0.46, 100.0), Rule::LargeDots);
    broken(&needle(0.48, 100.0), Rule::LargeDots, Severity::Warn);
    broken(&needle(0.62, 100.0), Rule::LargeDots, Severity::Strong);
    kept(&needle(0.36, 140.0), Rule::TouchingDots);
    broken(&needle(0.60, 140.0), Rule::TouchingDots, Severity::Warn);
    // A needle set for one area counts, too.
    let own = shave(|p| p.areas[0].needle_mm = Some(0.62));
    broken(&own, Rule::LargeDots, Severity::Strong);
}

#[test]
fn sessions_too_heavy_too_close_too_deep_or_all_in_one_shade_are_found() {
    let first = |share: f64| shave(|p| p.sessions[0].cumulative_share = share);
    kept(&first(0.5), Rule::HeavyFirstSession);
    broken(&first(0.51), Rule::HeavyFirstSession, Severity::Warn);
    let alone = shave(|p| {
        p.sessions.truncate(1);
        p.sessions[0].cumulative_share = 1.0;
    });
    broken(&alone, Rule::HeavyFirstSession, Severity::Warn);

    let days = |days: f64| shave(|p| p.sessions[2].interval_days = days);
    kept(&days(7.0), Rule::ShortInterval);
    let close = broken(&days(6.0), Rule::ShortInterval, Severity::Warn);
    assert!(close.reason.contains("Session 3"), "{}", close.reason);

    let deep = |mm: f64| shave(|p| p.depth_mm = mm);
    kept(&deep(0.6), Rule::Deep);
    broken(&deep(0.61), Rule::Deep, Severity::Warn);
    broken(&deep(1.1), Rule::Deep, Severity::Strong);

    let shades = |dilutions: [f64; 3], dark_share: f64| {
        shave(|p| {
            for (s, d) in p.sessions.iter_mut().zip(dilutions) {
                (s.dilution, s.dark_share, s.dark_dilution) = (d, dark_share, 6.0);
            }
        })
    };
    for dilution in [0.0, 2.0, 10.0, 40.0] {
        broken(&shades([dilution; 3], 0.0), Rule::OneShade, Severity::Note);
    }
    kept(&shades([10.0; 3], 0.2), Rule::OneShade);
    kept(&shades([10.0, 10.0, 8.0], 0.0), Rule::OneShade);
    let mut two = shades([10.0; 3], 0.0);
    two.sessions.truncate(2);
    two.sessions[1].cumulative_share = 1.0;
    kept(&two, Rule::OneShade);
}

#[test]
fn a_low_line_on_a_young_client_who_is_losing_hair_is_noted() {
    let at = |age: Option<f64>, preset: Preset| {
        let mut plan = plan_of(Kind::Receding, Some(preset));
        plan.client_age_years = age;
        plan
    };
    let note = broken(&at(Some(24.0), Preset::Soft), Rule::LossMayGoOn, Severity::Note);
    assert!(note.reason.contains("age 24"), "{}", note.reason);
    kept(&at(Some(30.0), Preset::Soft), Rule::LossMayGoOn);
    kept(&at(Some(24.0), Preset::Mature), Rule::LossMayGoOn);
    // Without an age the check says that it needs one, but only where it matters.
    let ask = |plan: &Plan| finding(plan, Rule::LossMayGoOn, &Client::default());
    let unknown = ask(&at(None, Preset::Soft)).unwrap();
    assert!(unknown.measured.is_none() && unknown.remedy.label().contains("age"), "{unknown:?}");
    assert!(!unknown.remedy.can_be_applied());
    assert_eq!(ask(&at(None, Preset::Mature)), None);
    // The age is part of the plan's document; without one nothing is written.
    let aged = at(Some(24.0), Preset::Soft);
    assert_eq!(Plan::from_json(&aged.to_json()).unwrap(), aged);
    assert!(!at(None, Preset::Soft).to_json().contains("age_years"));
}

#[test]
fn a_scalp_that_heals_darker_or_in_another_colour_than_the_sides_is_found() {
    const SKIN: Tone = Tone([0.55, 0.33, 0.22]);
    // Shaved sides as measured in photographs of nine heads: the share of the adjacent bare skin's red, green and blue.
    let sides = Tone([0.62 * SKIN.0[0], 0.77 * SKIN.0[1], 0.80 * SKIN.0[2]]);
    let sides = Client { skin: Some(SKIN), sides: Some(sides) };
    // Pigment saturates: only dots that are too large make a scalp too dark.
    let strong = shave(|p| p.sessions.iter_mut().for_each(|s| s.needle_mm = 0.56));
    let dark = broken_for(&strong, Rule::DarkerThanSides, Severity::Warn, &sides);
    assert!(dark.place.is_some(), "{dark:?}");
    let plan = shave(|_| ());
    let all = found_with(&plan, &sides);
    assert!(all.is_empty(), "{all:#?}");
    let red = Client { skin: Some(SKIN), sides: Some(Tone([0.5, 0.2, 0.12])) };
    broken_for(&plan, Rule::OtherColourThanSides, Severity::Warn, &red);
    // Without their colour a finding says that nothing was checked.
    let unknown = finding(&plan, Rule::DarkerThanSides, &Client::default()).unwrap();
    assert!(unknown.measured.is_none() && unknown.remedy.label().contains("shaved sides"), "{unknown:?}");
    // A beard is not matched to the sides.
    assert_eq!(finding(&plan_of(Kind::Beard, None), Rule::DarkerThanSides, &Client::default()), None);
}

#[test]
fn a_scalp_that_heals_to_nearly_bare_skin_is_noted() {
    let of_density = |per_cm2: f64| shave(|p| p.areas.iter_mut().for_each(|area| area.density_per_cm2 = per_cm2));
    // Half the density of a full shave can be told from bare skin, a quarter hardly.
    kept(&of_density(53.0), Rule::Faint);
    let faint = broken(&of_density(26.0), Rule::Faint, Severity::Note);
    assert!(faint.place.is_some() && (1.0..3.0).contains(&faint.measured.unwrap().value), "{faint:?}");
    // The same dots take less light from dark skin.
    let dark = |skin: Tone| finding(&of_density(45.0), Rule::Faint, &Client { skin: Some(skin), sides: None });
    assert_eq!(dark(Tone([0.55, 0.33, 0.22])), None);
    assert!(dark(Tone([0.10, 0.05, 0.03])).is_some());
    // Between long hair, a little is enough.
    kept(&plan_of(Kind::Density, None), Rule::Faint);
}

#[test]
fn the_worst_finding_comes_first_on_any_number_of_threads() {
    let bad = shave(|p| {
        p.depth_mm = 1.2;
        p.sessions[1].interval_days = 3.0;
        p.areas[0].density_per_cm2 = 160.0;
        p.hairline.edge.start_share = 1.0;
        p.hairline.edge.transition_share = 1.0;
        p.strokes.push(dab(-120.0, 9.0));
    });
    let mock_up = MockUp::new(&bad, scalp(), Skin::default());
    let look = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| checks::findings(&bad, &mock_up, &Client::default(), &[]))
    };
    let all = look(1);
    assert_eq!(all, look(3));
    let order: Vec<(bool, Severity)> = all.iter().map(|f| (f.measured.is_some(), f.severity)).collect();
    assert!(order.is_sorted_by(|a, b| a >= b), "{order:?}");
    assert!(all.len() >= 6 && all[0].rule == Rule::Deep, "{all:#?}");
    // Applying one remedy after another clears all warnings.
    let mut plan = bad;
    for _ in 0..LIMITS.len() {
        let Some(next) = found(&plan).into_iter().find(|f| f.remedy.can_be_applied()) else { break };
        plan = next.remedy.apply(&plan, &scalp().head);
    }
    let left: Vec<Finding> = found(&plan).into_iter().filter(|f| f.severity > Severity::Note).collect();
    assert!(left.is_empty(), "{left:#?}");
}

#[test]
fn a_plan_without_dots_breaks_no_rule() {
    let mut plan = plan_of(Kind::Crown, None);
    plan.areas[0].outline = Outline::Spots { centres: vec![[0.0, 70.0, -40.0]], diameter_mm: 0.2 };
    let all = found(&plan);
    assert!(all.iter().all(|f| f.measured.is_none()), "{all:#?}");
}

// ---------------------------------------------------------------------------------------------------------------------
// The command line

/// A client with a changed plan.
fn folder(change: impl FnOnce(&mut Json)) -> Folder {
    let folder = Folder::planned();
    let mut plan = folder.plan();
    change(&mut plan);
    let file = folder.file("plan.json", plan.to_string());
    done(&args!["plan", "set", folder.case(), file]);
    folder
}

#[test]
fn check_lists_what_it_finds_and_exits_with_1_if_a_finding_is_strong() {
    let folder = folder(|plan| plan["depth_mm"] = 1.2.into());
    let outcome = run(&args!["check", folder.case(), "--json"]);
    assert_eq!(outcome.code, Some(1), "{}", outcome.errors);
    assert_eq!(outcome.errors.lines().count(), 1, "{}", outcome.errors);
    let all: Json = serde_json::from_str(&outcome.output).unwrap();
    assert_eq!((all[0]["id"].as_str(), all[0]["level"].as_str()), (Some("deep"), Some("strong")));
    assert_eq!((all[0]["value"].as_f64(), all[0]["limit"].as_f64()), (Some(1.2), Some(1.0)));
    let text = run(&args!["check", folder.case()]).output;
    assert!(text.contains("1.20 mm, at most 1.00 mm") && text.contains("--apply deep"), "{text}");

    // The remedy is one step, and afterwards no finding is strong.
    let after = done(&args!["check", folder.case(), "--apply", "deep"]);
    assert!(!after.contains("strong"), "{after}");
    assert_eq!(folder.plan()["depth_mm"].as_f64(), Some(0.5));
    let mut case = scalp_studio::case::Case::open(&folder.case()).unwrap();
    assert_eq!(case.undo_name(), Some("Apply \"Place pigment 0.5 mm deep\""));
    case.undo().unwrap();
    drop(case);
    assert_eq!(folder.plan()["depth_mm"].as_f64(), Some(1.2));
}

#[test]
fn check_says_in_which_photo_a_finding_is_seen_and_where() {
    let folder = folder(|plan| {
        plan["hairline"]["edge"]["start_share"] = 1.0.into();
        plan["hairline"]["edge"]["transition_share"] = 1.0.into();
    });
    let all: Json = serde_json::from_str(&done(&args!["check", folder.case(), "--json"])).unwrap();
    let hard = all.as_array().unwrap().iter().find(|f| f["id"] == "hard-edge").unwrap();
    let place = &hard["where"];
    assert_eq!(place["view"].as_str(), Some("front"));
    let mm = place["from_glabella_mm"].as_f64().unwrap();
    assert!((70.0..80.0).contains(&mm), "{mm}");
    let located: Json = serde_json::from_str(&done(&args![
        "locate",
        folder.case(),
        "--view",
        "front",
        place["px"][0].to_string(),
        place["px"][1].to_string(),
        "--json",
    ]))
    .unwrap();
    assert!((located["from_glabella_mm"].as_f64().unwrap() - mm).abs() < 0.1);
}

#[test]
fn check_compares_the_scalp_with_the_sides_once_told_where_they_are() {
    // Pigment saturates: only dots that are too large make a scalp too dark.
    let folder = folder(|plan| {
        plan["sessions"][1]["dilution"] = 0.0.into();
        plan["sessions"].as_array_mut().unwrap().iter_mut().for_each(|s| s["needle_mm"] = 0.4.into());
    });
    // The made-up head has skin of one colour, so its sides look hairless.
    let points = crate::client::front_points();
    let side = |l: &str| [points[l][0].as_f64().unwrap(), points[l][1].as_f64().unwrap()];
    let (canthus, glabella) = (side("canthus_left"), side("glabella"));
    let sides = format!("front:{},{}", canthus[0], glabella[1] - 40.0);
    let all: Json = serde_json::from_str(&done(&args!["check", folder.case(), "--sides", sides, "--json"])).unwrap();
    let darker = all.as_array().unwrap().iter().find(|f| f["id"] == "darker-than-sides").unwrap();
    assert!(darker["value"].as_f64().unwrap() > 4.0, "{darker}");
    let off = run(&args!["check", folder.case(), "--sides", "front:1,1"]);
    assert_eq!(off.code, Some(2), "{}", off.errors);
}

#[test]
fn check_uses_the_colours_picked_in_the_studio() {
    let folder = folder(|_| ());
    let unchecked = |hair: f64| {
        let mut case = Case::open(&folder.case()).unwrap();
        let mut document = case.document().clone();
        let pick = |factor: f64| Some(PickedTone::new(Tone([0.55, 0.33, 0.22].map(|c| factor * c)), "front", [9.0; 2]));
        (document.client.skin, document.client.hair) = (pick(1.0), pick(hair));
        case.commit("Pick", document).unwrap();
        drop(case);
        let outcome = run(&args!["check", folder.case(), "--json"]);
        let all: Vec<Json> = serde_json::from_str(&outcome.output).unwrap();
        (all.iter().any(|f| f["checked"] == false), outcome.errors)
    };
    assert_eq!(unchecked(0.8), (false, String::new()));
    let (bare, errors) = unchecked(0.97);
    assert!(bare && errors.contains("hardly darker than the skin"), "{errors}");
    // With the skin alone: fewer dots than usual can be seen on light skin, but hardly on dark skin.
    let faint = |skin: [f64; 3]| {
        let mut case = Case::open(&folder.case()).unwrap();
        let mut document = case.document().clone();
        document.variants[0].plan.areas.iter_mut().for_each(|area| area.density_per_cm2 = 45.0);
        (document.client.skin, document.client.hair) = (Some(PickedTone::new(Tone(skin), "front", [9.0; 2])), None);
        case.commit("Pick", document).unwrap();
        drop(case);
        let all: Vec<Json> = serde_json::from_str(&done(&args!["check", folder.case(), "--json"])).unwrap();
        all.iter().any(|f| f["id"] == "faint")
    };
    assert!(!faint([0.55, 0.33, 0.22]));
    assert!(faint([0.10, 0.05, 0.03]));
}

/// A front view of the average head at this scale, and what hides it.
fn front(px_per_mm: f64, hidden: impl Fn([f64; 2]) -> Vec<Vec<DVec2>>) -> Shown {
    let size_px = [(400.0 * px_per_mm) as u32, (500.0 * px_per_mm) as u32];
    let camera = placement::first_camera(StandardView::Front, size_px, None);
    let outlines = hidden(size_px.map(f64::from));
    let hidden = (!outlines.is_empty()).then(|| Arc::new(Region::new(size_px, &outlines)));
    Shown { view: View { index: 0, camera, size_px }, hidden }
}

fn found_in(plan: &Plan, photo: Shown) -> Vec<Finding> {
    let mock_up = MockUp::new(plan, scalp(), Skin::default());
    checks::findings(plan, &mock_up, &Client::default(), &[photo])
}

/// A strip of a photo over its whole height, between two shares of its width.
fn strip(from: f64, to: f64) -> impl Fn([f64; 2]) -> Vec<Vec<DVec2>> {
    move |[width, height]| {
        let [left, right] = [from, to].map(|share| share * width);
        vec![[(left, 0.0), (right, 0.0), (right, height), (left, height)].map(DVec2::from).to_vec()]
    }
}

#[test]
fn a_plan_on_hair_and_a_head_to_shave_first_are_told_apart() {
    let of = |found: &[Finding], rule: Rule| found.iter().find(|f| f.rule == rule).cloned();
    let shave = plan_of(Kind::FullShave, None);
    let bare = found_in(&shave, front(6.0, |_| Vec::new()));
    assert!([Rule::PlanOnHair, Rule::ShaveFirst].into_iter().all(|rule| of(&bare, rule).is_none()), "{bare:?}");
    let half = found_in(&shave, front(6.0, strip(0.0, 0.5)));
    let first = of(&half, Rule::ShaveFirst).unwrap();
    assert!((40.0..60.0).contains(&first.measured.unwrap().value), "{first:?}");
    assert!(first.place.unwrap().point.position.x < -10.0, "on the client's right: {first:?}");
    assert!(of(&half, Rule::PlanOnHair).is_none(), "said twice");
    // With less hair, or with another treatment, the plan lies on hair.
    let little = found_in(&shave, front(6.0, strip(0.0, 0.38)));
    let on_hair = of(&little, Rule::PlanOnHair).unwrap();
    assert!(on_hair.measured.unwrap().value > 8.0 && on_hair.severity == Severity::Warn, "{on_hair:?}");
    assert!(of(&little, Rule::ShaveFirst).is_none());
    let receding = found_in(&plan_of(Kind::Receding, None), front(6.0, strip(0.0, 0.5)));
    assert!(of(&receding, Rule::PlanOnHair).is_some() && of(&receding, Rule::ShaveFirst).is_none());
    // A treatment between hair is meant to lie on hair.
    let between = found_in(&plan_of(Kind::Density, None), front(6.0, strip(0.0, 0.9)));
    assert!([Rule::PlanOnHair, Rule::ShaveFirst].into_iter().all(|rule| of(&between, rule).is_none()), "{between:?}");
}

#[test]
fn a_photo_too_coarse_to_show_dots_is_found() {
    let plan = plan_of(Kind::FullShave, None);
    let coarse = |px_per_mm: f64| {
        let found = found_in(&plan, front(px_per_mm, |_| Vec::new()));
        found.into_iter().find(|f| f.rule == Rule::CoarsePhoto).map(|f| (f.severity, f.measured.unwrap().value))
    };
    assert_eq!(coarse(8.0), None);
    let (severity, px) = coarse(1.5).unwrap();
    assert!(severity == Severity::Warn && (0.2..1.0).contains(&px), "{severity:?} {px}");
    // Without photos nothing is said about them.
    assert!(found(&plan).iter().all(|f| f.rule != Rule::CoarsePhoto));
}

#[test]
fn check_refuses_what_it_cannot_apply() {
    let folder = Folder::planned();
    let case = folder.case();
    let refused = |arguments: &[std::ffi::OsString], says: &str| {
        crate::client::refused(folder.root(), arguments, &wrong(&case, says));
    };
    refused(&args!["check", folder.case(), "--apply", "deep"], "does not break the rule 'deep'");
    refused(&args!["check", folder.case(), "--apply", "darker-than-sides"], "no edit helps");
    let unknown = run(&args!["check", folder.case(), "--apply", "ugly"]);
    assert!(unknown.code == Some(2) && unknown.errors.contains("low-line"), "{}", unknown.errors);
}
