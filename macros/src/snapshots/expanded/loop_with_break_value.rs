// from:
//     'rows: for row in rows() {
//         for field in &row.fields {
//             if field.id == id {
//                 break 'rows row;
//             }
//         }
//     }
// into:

async fn expanded() {
    'ended: {
        Some(
            match Items::<_, 128u32>::new(IntoStream::into_stream(rows())) {
                mut items => {
                    'rows: loop {
                        match poll_fn(|cx| { unsafe { items.poll_next(cx) } }).await {
                            Some(item) => {
                                let row = item;
                                {
                                    for field in &row.fields {
                                        if field.id == id {
                                            break 'rows row;
                                        }
                                    }
                                }
                            }
                            None => break 'ended None,
                        }
                    }
                }
            },
        )
    }
}
