"""Compact spacing: one line a row, no snippets, no empty lines; switched at any time, remembered, or set."""

from __future__ import annotations

from tests.ui.reading import text_of
from tests.waiting import until
from zsr_tui.ui import memory
from zsr_tui.ui.app import ZsrTuiApp

from ..fake.engine import DATASET, SYSTEMS, FakeEngine
from ..shell import settle


async def test_rows_take_one_line_and_the_cursor_stays_on_its_document() -> None:
    app = ZsrTuiApp(FakeEngine(), dataset=DATASET, systems=SYSTEMS)
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        await pilot.press("escape", "n")
        await settle(pilot)
        ranking = app.compare.rankings.active_list
        await pilot.press("G", "k")
        place, doc_id, page = ranking.cursor, ranking.doc_id, ranking.page
        await pilot.press("z")
        await settle(pilot)
        assert (ranking.cursor, ranking.doc_id) == (place, doc_id)
        assert ranking.page >= 2 * page
        lines = [ranking.render_line(y).text for y in range(ranking.size.height)]
        numbers = [int(line[1:].split()[0]) for line in lines if line.strip()]
        assert numbers == list(range(numbers[0], numbers[-1] + 1))  # every line is a row
        assert place + 1 in numbers
        assert lines[place + 1 - numbers[0]].startswith(">")
        assert text_of(app).splitlines()[2].strip()  # nothing between the query and the lists
        await pilot.click(ranking, offset=(5, 0))
        assert ranking.cursor == numbers[0] - 1
        await pilot.press("z")
        await settle(pilot)
        assert ranking.page == page
        await pilot.press("z")
        await settle(pilot)
    assert memory.load()[0].compact
    assert ZsrTuiApp(FakeEngine()).compact


async def test_it_can_be_set_and_shortens_the_setups_options() -> None:
    memory.memory_file().parent.mkdir(parents=True, exist_ok=True)
    (memory.memory_file().parent / "config.toml").write_text("compact = true\n")
    app = ZsrTuiApp(FakeEngine(), dataset=DATASET, systems=SYSTEMS)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("escape", "s")
        await settle(pilot)
        options = app.screen.systems.options
        await until(pilot, lambda: options.option_count > 1)
        assert options.virtual_size.height == options.option_count
        app.toggle_compact()
        await until(pilot, lambda: options.virtual_size.height > options.option_count)
