package example;

import com.example.archive.Archive;
import com.example.archive.Document;
import com.example.archive.OpenRequest;

/**
 * Uses the contract of the page for users.
 */
final class Documents {

	private Documents() {
	}

	static Document open(Archive archive, String name) {
		OpenRequest request = OpenRequest.newBuilder().setName(name).build();
		return archive.open(request, (page) -> System.out.println(page.getText()));
	}

}
