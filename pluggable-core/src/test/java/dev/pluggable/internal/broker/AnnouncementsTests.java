package dev.pluggable.internal.broker;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;

import dev.pluggable.fixtures.ManualScheduler;
import dev.pluggable.plugin.PluginException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Announcements}.
 */
class AnnouncementsTests {

	private final ManualScheduler scheduler = new ManualScheduler();

	private final Announcements announcements = new Announcements("test", this.scheduler);

	@AfterEach
	void stop() {
		this.scheduler.shutdownNow();
	}

	@Test
	void whenTheAnnouncementComesFirstThenItIsUsedOnce() {
		Announcement announcement = announcement(7, "/a");
		this.announcements.announced(announcement);
		assertThat(this.announcements.expect("thing", 7)).isCompletedWithValue(announcement);
		assertThat(this.announcements.expect("thing", 7)).isNotDone();
		assertThat(this.announcements.waiting()).isOne();
	}

	@Test
	void whenTheNumberComesFirstThenItWaitsForTheAnnouncement() {
		CompletableFuture<Announcement> first = this.announcements.expect("first", 7);
		CompletableFuture<Announcement> second = this.announcements.expect("second", 7);
		this.announcements.announced(announcement(8, "/other"));
		assertThat(first).isNotDone();
		this.announcements.announced(announcement(7, "/a"));
		assertThat(first).isCompletedWithValue(announcement(7, "/a"));
		assertThat(second).isNotDone();
		this.announcements.announced(announcement(7, "/b"));
		assertThat(second).isCompletedWithValue(announcement(7, "/b"));
		assertThat(this.announcements.waiting()).isZero();
		assertThat(this.scheduler.waiting()).as("announcement 8 alone waits").isOne();
	}

	@Test
	void whenNoAnnouncementComesThenTheWaitEnds() {
		CompletableFuture<Announcement> expected = this.announcements.expect("thing", -2);
		this.scheduler.advance(Duration.ofMillis(4_999));
		assertThat(expected).isNotDone();
		this.scheduler.advance(Duration.ofMillis(1));
		assertFails(expected, "Plugin 'test' did not announce connection 4294967294 (thing) within 5s");
		assertThat(this.announcements.waiting()).isZero();
		this.announcements.announced(announcement(-2, "/late"));
		assertThat(this.announcements.expect("thing", -2)).isCompleted();
	}

	@Test
	void whenAnAnnouncementIsNotUsedThenItExpires() {
		this.announcements.announced(announcement(7, "/a"));
		this.scheduler.advance(Announcements.PATIENCE);
		assertThat(this.announcements.expect("thing", 7)).isNotDone();
	}

	@Test
	void whenANumberIsAnnouncedTwiceThenTheFirstCounts() {
		this.announcements.announced(announcement(7, "/a"));
		this.announcements.announced(announcement(7, "/b"));
		assertThat(this.announcements.expect("thing", 7)).isCompletedWithValue(announcement(7, "/a"));
		assertThat(this.announcements.expect("thing", 7)).isNotDone();
	}

	@Test
	void whenAnAnnouncementExpiresLateThenTheNextOneStays() {
		this.announcements.announced(announcement(7, "/a"));
		this.scheduler.advance(Duration.ofSeconds(4));
		this.announcements.expect("thing", 7);
		this.announcements.announced(announcement(7, "/b"));
		this.scheduler.advance(Duration.ofSeconds(4));
		assertThat(this.announcements.expect("thing", 7)).isCompletedWithValue(announcement(7, "/b"));
	}

	@Test
	void whenAnAnnouncementHasNoAddressThenItIsIgnored() {
		CompletableFuture<Announcement> expected = this.announcements.expect("thing", 7);
		this.announcements.announced(announcement(7, ""));
		assertThat(expected).isNotDone();
	}

	@Test
	void whenThePluginAnnouncesWithoutEndThenTheRestIsDropped() {
		for (int number = 1; number <= Announcements.MAX_ANNOUNCED + 1; number++) {
			this.announcements.announced(announcement(number, "/a"));
		}
		assertThat(this.scheduler.waiting()).isEqualTo(Announcements.MAX_ANNOUNCED);
		assertThat(this.announcements.expect("thing", Announcements.MAX_ANNOUNCED)).isCompleted();
		assertThat(this.announcements.expect("thing", Announcements.MAX_ANNOUNCED + 1)).isNotDone();
	}

	@Test
	void whenSomebodyNoLongerWaitsThenTheAnnouncementIsForTheNext() {
		CompletableFuture<Announcement> first = this.announcements.expect("first", 7);
		CompletableFuture<Announcement> second = this.announcements.expect("second", 7);
		first.cancel(false);
		assertThat(this.announcements.waiting()).isOne();
		this.announcements.announced(announcement(7, "/a"));
		assertThat(second).isCompleted();
		assertThat(this.scheduler.waiting()).isZero();
	}

	@Test
	void whenItEndsThenEverybodyFailsWithTheFirstReason() {
		CompletableFuture<Announcement> waiting = this.announcements.expect("thing", 7);
		this.announcements.announced(announcement(8, "/a"));
		this.announcements.end("the first reason");
		assertFails(waiting, "the first reason");
		this.announcements.end("the second reason");
		assertFails(this.announcements.expect("thing", 8), "the first reason");
		this.announcements.announced(announcement(9, "/a"));
		assertThat(this.announcements.waiting()).isZero();
		assertThat(this.scheduler.waiting()).isZero();
	}

	@Test
	void whenTheHostHasClosedThenNobodyWaits() {
		ScheduledThreadPoolExecutor ended = new ScheduledThreadPoolExecutor(1);
		ended.shutdownNow();
		Announcements orphan = new Announcements("test", ended);
		assertFails(orphan.expect("thing", 7), "The host has closed");
		orphan.announced(announcement(8, "/a"));
		assertFails(orphan.expect("thing", 8), "The host has closed");
		assertThat(orphan.waiting()).isZero();
	}

	private static void assertFails(CompletableFuture<Announcement> expected, String message) {
		assertThat(expected).isCompletedExceptionally();
		assertThat(expected.handle((announcement, failure) -> failure).join()).isInstanceOf(PluginException.class)
			.hasMessageContaining(message);
	}

	private static Announcement announcement(int number, String address) {
		return new Announcement(number, "unix", address);
	}

}
