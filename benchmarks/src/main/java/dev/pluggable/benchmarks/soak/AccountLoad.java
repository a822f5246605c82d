package dev.pluggable.benchmarks.soak;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The load of a plugin that creates accounts: some accounts live as long as the load, and
 * others for one call. Safe for use by many threads.
 */
final class AccountLoad implements AutoCloseable {

	private static final int ACCOUNTS = 2;

	/** Distinguishes the texts of this load from those of an earlier one. */
	private final String prefix = Long.toString(System.nanoTime(), Character.MAX_RADIX) + "-";

	private final String target;

	private final AccountKind.Factory factory;

	private final Ledger ledger;

	private final CallMeter meter;

	private final Journal journal;

	private final List<AccountKind.Account> accounts = new ArrayList<>();

	private final AtomicLong last = new AtomicLong();

	private final AtomicLong created = new AtomicLong();

	private final Set<String> notSent = ConcurrentHashMap.newKeySet();

	AccountLoad(String target, AccountKind.Factory factory, Ledger ledger, CallMeter meter, Journal journal) {
		this.target = target;
		this.factory = factory;
		this.ledger = ledger;
		this.meter = meter;
		this.journal = journal;
		for (int i = 0; i < ACCOUNTS; i++) {
			this.accounts.add(factory.open("account" + i));
		}
	}

	/**
	 * Add to each account.
	 * @return whether all calls succeeded
	 */
	boolean addToAll() {
		boolean all = true;
		for (AccountKind.Account account : this.accounts) {
			all &= add(account);
		}
		return all;
	}

	/**
	 * Open an account, add to it, and close it.
	 */
	void openAndClose() {
		try (AccountKind.Account account = this.factory.open("short" + this.created.incrementAndGet())) {
			add(account);
		}
	}

	private boolean add(AccountKind.Account account) {
		String text = this.prefix + this.last.incrementAndGet();
		switch (this.meter.call("an addition to an account", () -> account.add(text))) {
			case SUCCEEDED -> {
				if (!this.ledger.contains(text)) {
					this.journal.violated(Journal.Promise.WRITES, this.target,
							"'" + text + "' was acknowledged by an account and is not in the ledger");
				}
				return true;
			}
			case NOT_SENT -> this.notSent.add(text);
			case UNCERTAIN -> {
			}
		}
		return false;
	}

	/**
	 * Verify what was reported as not sent.
	 */
	void verify() {
		List<String> recorded = this.notSent.stream().filter(this.ledger::contains).toList();
		if (!recorded.isEmpty()) {
			this.journal.violated(Journal.Promise.REFUSED, this.target,
					"the ledger contains what was reported as not sent: " + recorded);
		}
	}

	long created() {
		return this.created.get();
	}

	@Override
	public void close() {
		this.accounts.forEach(AccountKind.Account::close);
	}

	@Override
	public String toString() {
		return this.accounts.toString();
	}

}
