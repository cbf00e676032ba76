"""An answer as FHIR over the web: for the care team only, preliminary until a review agrees."""


def _statuses(bundle):
    return {entry["resource"]["status"] for entry in bundle["entry"] if "issued" in entry["resource"]}


def test_an_assessment_as_fhir(doctor, case, assessment, patient):
    answer = doctor.get(f"/cases/{case}/assessments/{assessment}/fhir")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/fhir+json"
    bundle = answer.json()
    assert (bundle["resourceType"], bundle["identifier"]["value"]) == ("Bundle", assessment)
    assert bundle["entry"][0]["resource"]["identifier"][0]["value"] == patient
    assert _statuses(bundle) == {"preliminary"}
    assert "Jane" not in answer.text


def test_the_newest_review_decides(doctor, case, assessment, clock):
    for agrees, status in ((True, {"final"}), (False, {"preliminary"})):
        clock.move(minutes=1)
        made = doctor.post(f"/cases/{case}/reviews", json={"assessment": assessment, "agrees": agrees})
        assert made.status_code == 201, made.text
        assert _statuses(doctor.get(f"/cases/{case}/assessments/{assessment}/fhir").json()) == status


def test_strangers_get_nothing(client, doctor, case, assessment):
    path = f"/cases/{case}/assessments/{assessment}/fhir"
    for role, status in (("researcher", 403), ("administrator", 403), (None, 401)):
        assert client(role).get(path).status_code == status
    assert client("clinician", "other").get(path).status_code == 403
    assert doctor.get(f"/cases/{case}/assessments/{'0' * 32}/fhir").status_code == 404
