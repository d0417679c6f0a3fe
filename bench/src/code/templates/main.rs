
/// What a use is behind, so that none is inlined into another function.
type Use = for<'a> fn(&'a str, &'a [u32]) -> Boxed<'a>;
type Boxed<'a> = std::pin::Pin<Box<dyn Future<Output = Result<u32, String>> + 'a>>;

/// A part of a use's future, of another size in each use. So the optimiser cannot make one function
/// of the destructors of several futures: real uses are less alike. Nothing is written to it.
struct Space<const SIZE: usize> {
    _space: std::mem::MaybeUninit<[usize; SIZE]>,
}

impl<const SIZE: usize> Space<SIZE> {
    const NEW: Self = Space { _space: std::mem::MaybeUninit::uninit() };
}

const USES: &[Use] = &[$uses];

fn main() {
    let items: Vec<u32> = (0..10).collect();
    let mut sum = 0_u32;
    for each in std::hint::black_box(USES) {
        for text in ["7", "seven"] {
            let result = futures::executor::block_on(each(text, &items));
            let number = result.unwrap_or_else(|error| error.len() as u32);
            sum = sum.wrapping_mul(31).wrapping_add(number);
        }
    }
    println!("{sum}");
}
