//! The frame of the picture, and its colours.

use std::fmt;

use super::plan::Plan;

/// Each colour is written out for both kinds of pages: not every viewer knows variables.
const STYLE: &str = include_str!("style.css");

pub(super) fn begin(plan: &Plan, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (width, height) = (plan.width.ceil(), plan.height.ceil());
    let (forgotten, events) = plan.events;
    let id = id(plan);
    write!(
        f,
        r#"<svg xmlns="http://www.w3.org/2000/svg" class="forwith {id}" role="img""#
    )?;
    writeln!(
        f,
        r#" width="{width}" height="{height}" viewBox="0 0 {width} {height}">"#
    )?;
    writeln!(f, "<title>Who ran when</title>")?;
    write!(f, "<desc>{} rows, {events} events", plan.rows.len())?;
    if forgotten > 0 {
        write!(f, "; {forgotten} older ones are forgotten")?;
    }
    writeln!(f, "</desc>")?;
    writeln!(
        f,
        "<style>{STYLE}svg.{id} .wait {{ fill: url(#{id}-wait); }}"
    )?;
    write!(
        f,
        r#"</style><defs><pattern id="{id}-wait" width="6" height="6""#
    )?;
    write!(
        f,
        r#" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">"#
    )?;
    writeln!(f, r#"<path class="hatching" d="M0 0V6"/></pattern></defs>"#)?;
    writeln!(
        f,
        r#"<rect class="page" width="{width}" height="{height}" rx="6"/>"#
    )
}

pub(super) fn end(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    writeln!(f, "</svg>")
}

/// The name of the hatching of this picture. A page may have several pictures, some of them hidden.
fn id(plan: &Plan) -> String {
    let titles = plan.rows.iter().map(|row| row.title.as_bytes());
    let numbers = format!(
        "{:?} {:?} {} {}",
        plan.events, plan.end, plan.width, plan.height
    );
    let bytes = titles.flatten().chain(numbers.as_bytes());
    // FNV-1a: the same picture gets the same name in every version.
    let hash = bytes.fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    });
    format!("forwith-{hash:08x}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::STYLE;

    /// The rules of each class, for light pages and for dark ones.
    fn rules() -> [BTreeMap<(String, String), String>; 2] {
        let (light, dark) = STYLE.split_once("@media").unwrap();
        let mut rules = BTreeMap::new();
        [light, dark].map(|part| {
            for line in part
                .lines()
                .filter(|line| line.starts_with("svg.forwith ."))
            {
                let (classes, said) = line.trim_end_matches('}').split_once('{').unwrap();
                for (class, said) in classes
                    .split(',')
                    .flat_map(|class| said.split(';').map(move |said| (class, said)))
                {
                    let class = class.trim().trim_start_matches("svg.forwith .").to_owned();
                    if let Some((property, value)) = said.split_once(':') {
                        rules.insert((class, property.trim().to_owned()), value.trim().to_owned());
                    }
                }
            }
            rules.clone()
        })
    }

    fn luminance(colour: &str) -> f64 {
        let part = |at: usize| {
            let part = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if part <= 0.03928 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    }

    /// The contrast of two colours, as the guidelines for accessible pages define it.
    fn contrast(one: &str, other: &str) -> f64 {
        let [one, other] = [one, other].map(|colour| luminance(colour) + 0.05);
        one.max(other) / one.min(other)
    }

    #[test]
    fn colours_contrast_with_their_background() {
        // The page where time stands still is a little darker, or lighter.
        for (rules, still) in rules().into_iter().zip(["#f2f3f5", "#191d24"]) {
            let get = |class: &str, property: &str| {
                rules[&(class.to_owned(), property.to_owned())].clone()
            };
            let page = get("page", "fill");
            let texts = ["name", "time", "key", "what", "said", "last", "resource"];
            let texts = texts.map(|class| (class, "fill", 4.5));
            let shapes = [
                ("run", "fill", 3.0),
                ("queue", "stroke", 3.0),
                ("wait", "stroke", 3.0),
                ("held", "stroke", 3.0),
                ("passing", "stroke", 3.0),
                ("note", "fill", 3.0),
                ("cancel", "stroke", 3.0),
                ("yield", "fill", 3.0),
                ("end", "fill", 3.0),
                ("bad", "fill", 3.0),
            ];
            for (class, property, least) in texts.into_iter().chain(shapes) {
                let colour = get(class, property);
                for behind in [&*page, still] {
                    let contrast = contrast(&colour, behind);
                    assert!(contrast >= least, "{class} on {behind}: {contrast:.2}");
                }
            }
            assert!(contrast(&get("resource", "fill"), &get("held", "fill")) >= 4.5);
            assert!(contrast(&get("what", "fill"), &get("hatching", "stroke")) >= 4.5);
            // Marks at the end of a bar have an edge in the colour of the page.
            for class in ["yield", "end", "bad"] {
                assert_eq!(get(class, "stroke"), page);
            }
        }
    }
}
