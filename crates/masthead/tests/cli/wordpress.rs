//! An export as WordPress writes it.

/// An export with these items.
pub fn export(items: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<rss version=\"2.0\" \
         xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
         xmlns:excerpt=\"http://wordpress.org/export/1.2/excerpt/\" \
         xmlns:wp=\"http://wordpress.org/export/1.2/\"><channel><title>Old</title>\n\
         <link>http://old.example</link><wp:wxr_version>1.2</wp:wxr_version>\n\
         <wp:base_site_url>http://old.example</wp:base_site_url>\n\
         <wp:base_blog_url>http://old.example</wp:base_blog_url>\n{items}</channel></rss>\n"
    )
}

/// A published post.
pub fn item(number: u32, content: &str) -> String {
    format!(
        "<item><title>Post {number}</title><link>http://old.example/post-{number}/</link>\
         <dc:creator>writer</dc:creator><guid>http://old.example/?p={number}</guid>\
         <content:encoded><![CDATA[{content}]]></content:encoded><wp:post_id>{number}</wp:post_id>\
         <wp:post_date>2020-01-02 03:04:05</wp:post_date>\
         <wp:post_date_gmt>2020-01-02 03:04:05</wp:post_date_gmt>\
         <wp:post_name>post-{number}</wp:post_name><wp:status>publish</wp:status>\
         <wp:post_type>post</wp:post_type></item>\n"
    )
}
