from unionplan.lib.staticfiles import Storage


def test_before_collectstatic_files_keep_their_names(tmp_path):
    assert Storage(location=tmp_path, base_url="/static/").url("css/main.css") == (
        "/static/css/main.css"
    )


def test_a_collected_file_is_named_by_its_content(tmp_path):
    storage = Storage(location=tmp_path, base_url="/static/")
    storage.hashed_files = {"css/main.css": "css/main.0123456789ab.css"}
    assert storage.url("css/main.css") == "/static/css/main.0123456789ab.css"
